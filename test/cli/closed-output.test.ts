/**
 * `… | head` of every verb, taken from the program itself, and of the project's other commands: a reader that is gone
 * ends each of them at once, quietly, and as if it had read everything.
 */
import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { AccessResponse, ListedPrincipal } from "../../lambda/access/contract";
import type { ExpireOutput } from "../../lambda/retention/contract";
import { atOnce } from "../../lambda/runtime/at-once";
import { PRODUCTION } from "../support/api-world";
import { withContents } from "../support/stored-contents";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";
import { signedIn, start, withoutReader } from "./child";
import { verbs } from "./verbs";

const PROJECT = join(__dirname, "../..");
const FIRST = "10000000-0000-8000-8000-000000000001";
/** What lists or shows, with arguments for this world. A verb that is not here is asked for its help. */
const LISTING: Readonly<Record<string, readonly string[]>> = {
  snapshots: [PRODUCTION],
  snapshot: [PRODUCTION, FIRST],
  files: [FIRST],
  uploads: [PRODUCTION],
  restores: [PRODUCTION],
  "drills list": [PRODUCTION],
  show: [PRODUCTION],
  environments: [],
  calendar: [PRODUCTION],
  regions: [],
  me: [],
  completion: ["bash"],
  "keys list": [],
  "grants list": [],
  expire: [PRODUCTION, "--dry-run"],
};
/** Those ask with an AWS identity, also where there is an address. */
const BY_IDENTITY = new Set(["keys list", "grants list", "expire"]);

let line: ApiCommandLine;
let lambda: Server;
let identity: Readonly<Record<string, string>>;
let folder: string;
/** The program in one file: it starts in a third of the time, and is the same. */
let program: string;
beforeAll(async () => {
  line = await startApiCommandLine();
  const files = new Map(Array.from({ length: 900 }, (_, at) => [`file-${at}`, Buffer.from(`${at}`)]));
  await withContents(line.world.fakes, PRODUCTION, FIRST, { files });
  // Two folders below the project, because that is where the program looks for its configuration.
  mkdirSync(join(PROJECT, ".local"), { recursive: true });
  folder = mkdtempSync(join(PROJECT, ".local", "closed-output-"));
  program = join(folder, "backups.cjs");
  buildSync({
    entryPoints: [join(PROJECT, "bin/backups.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: program,
    absWorkingDir: PROJECT,
    loader: { ".node": "empty" },
    logLevel: "error",
  });
  lambda = createServer((request, response) => {
    const { url = "" } = request;
    request.resume().once("end", () => response.end(JSON.stringify(answerOf(url))));
  });
  await new Promise<void>((resolve) => {
    lambda.listen(0, "127.0.0.1", resolve);
  });
  identity = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
  };
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  lambda.close();
  await line.close();
});

const answerOf = (url: string): unknown => {
  const key = { keyId: "0123abcd", label: "", createdAt: "2026-12-03T10:00:00Z", createdBy: "root" };
  const principals = Array.from({ length: 200 }, (_, at): ListedPrincipal => ({
    name: `p-${at}`,
    grants: [{ app: "shop", role: "read" }],
    keys: [{ ...key, expiresAt: null, expired: false }],
  }));
  if (url.includes("access")) return { ok: true, message: "200 names.", principals } satisfies AccessResponse;
  const reasons = Array.from({ length: 200 }, (_, at) => `snapshot ${at} lives`);
  return { outcome: "done", reasons, deleted: 0 } satisfies ExpireOutput;
};

const argumentsFor = (name: string): readonly string[] => {
  const given = LISTING[name];
  return given === undefined ? [...name.split(" "), "--help"] : [...name.split(" "), ...given];
};
const around = (name: string): Readonly<Record<string, string>> => ({
  ...signedIn(line),
  ...(BY_IDENTITY.has(name) ? identity : {}),
});

test("each of them lists something: what is never written can't fail", async () => {
  expect(Object.keys(LISTING).filter((name) => !verbs().some((verb) => verb.name === name))).toEqual([]);
  await atOnce(2, Object.keys(LISTING), async (name) => {
    const { stdin, stdout, ended } = start([...argumentsFor(name), "--account", "111111111111"], around(name), [
      program,
    ]);
    stdin.end();
    let out = "";
    for await (const piece of stdout) out += String(piece);
    expect([name, (await ended).err, out === ""]).toEqual([name, "", false]);
  });
}, 600_000);

const endOf = async (name: string, ...more: readonly string[]) => {
  const args = [...argumentsFor(name), ...more, "--account", "111111111111"];
  const { code, signal, err } = await withoutReader(args, around(name), [program]);
  return [name, code, signal, err];
};
test("every verb: quietly, and with 0", async () => {
  await atOnce(2, verbs(), async ({ name }) => expect(await endOf(name)).toEqual([name, 0, null, ""]));
}, 600_000);
test("every list in JSON: quietly, and with 0", async () => {
  await atOnce(2, Object.keys(LISTING), async (name) =>
    expect(await endOf(name, "--json")).toEqual([name, 0, null, ""]),
  );
}, 600_000);

test("also the program as it is started, its help, its version and its sentences", async () => {
  expect(await withoutReader(["--help"])).toMatchObject({ code: 0, signal: null, err: "" });
  expect(await withoutReader(["--version"])).toMatchObject({ code: 0, err: "" });
  // Nobody reads its sentences either: 2>&1 | head
  const { child, stdin, ended } = start(["nonsense"]);
  stdin.end();
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect((await ended).code).toBe(0);
}, 120_000);

test("a disk that is full is one sentence and 1", () => {
  const full = spawnSync(process.execPath, [program, "--help"], {
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    encoding: "utf8",
  });
  expect([full.status, full.stderr]).toEqual([1, "Standard output can't be written (ENOSPC).\n"]);
});

const OTHERS: readonly (readonly [string, readonly string[]])[] = [
  ["calendar", ["--to", "FOLDER", "--days", "3"]],
  ["quotas", ["--environments", "10"]],
  ["scp", ["--account", "111111111111"]],
  ["bootstrap-lines", []],
  ["import-mapping", ["Primary-Frankfurt", "--account", "111111111111", "--templates", "TEMPLATES"]],
  ["review", []],
];
describe.each(OTHERS)("npm run %s | head", (name, args) => {
  test("ends quietly", async () => {
    const words = args.map((word) => (word === "FOLDER" ? join(folder, "calendar") : word));
    const script = [require.resolve("tsx/cli"), join("bin", `${name}.ts`)];
    const { err, code } = await withoutReader(words, {}, script);
    expect(err).not.toMatch(/EPIPE|\bat .*:\d+:\d+/);
    expect([0, 1]).toContain(code);
  }, 120_000);
});
