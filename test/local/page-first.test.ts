/** `npm start`: the page with thirty nights behind it, each of which can be downloaded and restored. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginningOf, nightsToPlay } from "../../local/story/nights-behind";
import { runProgram } from "../../local/servers/child-processes";

const PROJECT = join(__dirname, "..", "..");
const DAY_MS = 86_400_000;
interface Snapshots {
  readonly snapshots: readonly { readonly snapshot_id: string; readonly state: string; readonly created_at: string }[];
}

let folder: string;
let run: ChildProcess;
let output = "";
const variables: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "page-first-"));
  run = spawn(process.execPath, [join(PROJECT, "local", "start.mjs")], {
    cwd: PROJECT,
    env: { ...process.env, AWS_ENDPOINT_URL_S3: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    const listen = (piece: Buffer): void => {
      output += piece.toString();
      if (output.includes("flows on")) resolve();
    };
    run.stdout?.on("data", listen);
    run.stderr?.on("data", listen);
    run.once("exit", () => reject(new Error(output)));
  });
  for (const [, name = "", value = ""] of output.matchAll(/(BACKUPS_\w+)=(\S+)/g)) variables[name] = value;
}, 600_000);
afterAll(async () => {
  const ended = new Promise((resolve) => run.once("exit", resolve));
  run.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const backups = async (...args: readonly string[]): Promise<string> => {
  const { code, output: said } = await runProgram(process.execPath, [join(PROJECT, "bin", "backups.mjs"), ...args], {
    env: { ...process.env, ...variables },
  });
  expect({ code, said }).toMatchObject({ code: 0 });
  return said;
};
const listed = async (environment: string): Promise<Snapshots["snapshots"]> => {
  const address = `${variables["BACKUPS_URL"]}/api/v2/apps/shop/environments/${environment}/snapshots`;
  const response = await fetch(address, {
    headers: {
      "Mendix-Username": variables["BACKUPS_USERNAME"] ?? "",
      "Mendix-ApiKey": variables["BACKUPS_API_KEY"] ?? "",
    },
  });
  return ((await response.json()) as Snapshots).snapshots;
};

test("it says beforehand how long it takes and how large it is, and the page answers", async () => {
  expect(output).toMatch(/^The page is there in about a minute; it takes about 300 MB of disk/m);
  expect(output.indexOf("is there in about a minute")).toBeLessThan(output.indexOf("Setting up"));
  const response = await fetch(`${variables["BACKUPS_URL"]}/`);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("<html");
});

test("what thirty nights have left is there, and the clock shows the present", async () => {
  const snapshots = await listed("production");
  expect(snapshots.length).toBeGreaterThanOrEqual(16);
  expect(snapshots.every(({ state }) => state === "completed")).toBe(true);
  const ages = snapshots.map(({ created_at }) => (Date.now() - Date.parse(created_at)) / DAY_MS);
  expect(Math.min(...ages)).toBeLessThan(2);
  expect(Math.max(...ages)).toBeGreaterThan(21);
  expect(Math.max(...ages)).toBeLessThan(31);
  expect(await listed("acceptance")).toHaveLength(3);
  const [, shown = ""] = /The clock shows (\S+) and flows/.exec(output) ?? [];
  expect(Math.abs(Date.parse(shown) - Date.now())).toBeLessThan(DAY_MS / 4);
});

test("the oldest snapshot can be downloaded and restored", async () => {
  const oldest = (await listed("production")).at(-1)?.snapshot_id ?? "";
  const file = join(folder, "oldest.tar.gz");
  await backups("download", "production", oldest, "--to", file);
  expect(statSync(file).size).toBeGreaterThan(1_000_000);
  await backups("stopped", "acceptance");
  const said = await backups(
    "restore",
    oldest,
    "--from",
    "production",
    "--into",
    "acceptance",
    "--confirm",
    "acceptance",
    "--acknowledge",
    "FilesMissing",
  );
  expect(said).toContain("is completed. The database was restored");
}, 300_000);

describe("which nights are played", () => {
  const now = new Date("2026-11-30T12:00:00Z");
  const behind = { nights: 30, windowMinutes: 180, now };
  const first = new Date("2026-11-01T00:00:00Z");

  test("those whose snapshots are still there: fourteen nightly ones, and the Sundays before", () => {
    const nights = nightsToPlay(first, behind).map((opens) => opens.toISOString().slice(0, 10));
    expect(nights.slice(0, 3)).toEqual(["2026-11-01", "2026-11-08", "2026-11-15"]);
    expect(nights.slice(3)).toEqual(Array.from({ length: 14 }, (_, day) => `2026-11-${17 + day}`));
  });
  test("the last one even where it has expired, and all windows close before the present", () => {
    expect(nightsToPlay(first, { ...behind, nights: 1 })).toEqual([first]);
    expect(beginningOf(behind).toISOString()).toBe("2026-10-31T09:00:00.000Z");
  });
});
