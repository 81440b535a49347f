/** The main job with few files, as `npm start` runs it, and what its calls say about the granted permissions. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expectNoSecrets } from "../support/no-secrets";
import { EXPLAINED_GRANTS } from "./explained-grants";

interface ReportFile {
  readonly passed: boolean;
  readonly checks: readonly {
    readonly part: string;
    readonly what: string;
    readonly passed: boolean;
    readonly detail: string;
  }[];
  readonly parts: readonly {
    readonly part: string;
    readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }[];
  readonly snapshots: readonly { readonly tier: string; readonly night: string }[];
  readonly unusedGrants: readonly string[];
  readonly calls: readonly { readonly role: string; readonly action: string; readonly resource: string }[];
}

const PROJECT = join(__dirname, "..", "..");
let folder: string;
let report: ReportFile;
let screen: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "end-to-end-"));
  const file = join(folder, "report.json");
  const start = join(PROJECT, "local", "start.mjs");
  // A failed check ends it with 1, and the report says which.
  const options = ["--exit", "--files", "60", "--report", file, "--logs", join(folder, "logs")];
  const ran = promisify(execFile)(process.execPath, [start, ...options], { cwd: PROJECT });
  screen = await ran.then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
  report = JSON.parse(readFileSync(file, "utf8")) as ReportFile;
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every check passes", () => {
  expect(report.checks.filter(({ passed }) => !passed)).toEqual([]);
  expect(report.passed).toBe(true);
  const parts = [
    "Saturday",
    "Sunday",
    "Monday",
    "restore",
    "replica",
    "api",
    "page",
    "drill",
    "download",
    "upload",
    "logs",
    "immutability",
    "deletion",
    "expiry",
    "permissions",
  ];
  expect(report.checks.map(({ part }) => part)).toEqual(expect.arrayContaining(parts));
});

test("the three nights have their tiers", () => {
  expect(report.snapshots.map(({ tier }) => tier)).toEqual(["nightly", "monthly", "nightly"]);
  const [saturday, sunday, monday] = report.snapshots.map(({ night }) => new Date(night).getUTCDay());
  expect([saturday, sunday, monday]).toEqual([6, 0, 1]);
});

test("no key, password or link is on the screen, in the report or in any log", () => {
  const logs = readdirSync(join(folder, "logs")).map((name) => ({
    name,
    text: readFileSync(join(folder, "logs", name), "utf8"),
  }));
  for (const wanted of ["-api.log", "-access.log", "-archive.log", "database-task.log", "api-access.log"])
    expect(logs.map(({ name }) => name)).toContainEqual(expect.stringMatching(wanted));
  expectNoSecrets(
    [...logs, { name: "the screen", text: screen }, { name: "the report", text: JSON.stringify(report) }],
    [],
  );
});

test("only the deleting role has gone around a lock", () => {
  const roles = report.calls.filter(({ action }) => action === "s3:BypassGovernanceRetention").map(({ role }) => role);
  expect([...new Set(roles)]).toEqual([expect.stringMatching(/-deletion$/)]);
});

test("every granted action is used or explained, and no explanation is left over", () => {
  const unused = report.unusedGrants.map((grant) => grant.replace(/^\S*?-eu-central-1-/, "").split(" "));
  const explains = ({ role, action }: (typeof EXPLAINED_GRANTS)[number], grant: readonly string[]): boolean =>
    role.test(grant[0] ?? "") && action.test(grant[1] ?? "");
  expect(unused.filter((grant) => !EXPLAINED_GRANTS.some((explanation) => explains(explanation, grant)))).toEqual([]);
  expect(EXPLAINED_GRANTS.filter((explanation) => !unused.some((grant) => explains(explanation, grant)))).toEqual([]);
});
