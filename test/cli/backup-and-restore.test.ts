/** `backup`, `snapshots`, `restore` and `restore-status`, against the real function on fakes. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { CommandFailure, type Surroundings } from "../../bin/command-line/surroundings";
import type { RestoreItem, RestorePlan } from "../../lambda/catalog/items";
import { handleRequest } from "../../lambda/requests/handle-request";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { NOTHING_ELSE } from "./cli-fixture";
import { must } from "../support/must";

const TARGET = "orders-acceptance";
const RESTORE = ["restore", "one", "--from", ENVIRONMENT, "--to", TARGET, "--confirm", TARGET] as const;
const RESTORE_ID = "restore-00000000000040008000000000000001";
const PLAN: RestorePlan = {
  at: "2026-12-03T10:00:10Z",
  refusals: [],
  warnings: [],
  filesToPut: 30,
  bytesToPut: 4096,
  filesPresent: 5,
  estimatedSeconds: 60,
};
const finding = (code: string, message: string) => ({ code, message });

let collaborators: FakeCollaborators;
let out: string[];
let err: string[];
/** What happens to the restore at each wait, in order. */
let steps: Partial<RestoreItem>[];
let invoke: (input: unknown) => Promise<unknown>;

const surroundings = (): Surroundings => ({
  ...NOTHING_ELSE,
  connect: async () => ({
    region: "eu-central-1",
    invoke: async (name, input) => {
      expect(name).toBe("requests");
      return JSON.parse(JSON.stringify(await invoke(JSON.parse(JSON.stringify(input))))) as unknown;
    },
    start: () => Promise.reject(new Error("unexpected")),
    outcomeOf: () => Promise.reject(new Error("unexpected")),
  }),
  out: (line) => out.push(line),
  err: (line) => err.push(line),
  sleep: async (milliseconds) => {
    collaborators.clock.advance(milliseconds);
    const step = steps.shift();
    const updatedAt = collaborators.clock.now().toISOString();
    if (step !== undefined) await collaborators.catalog.updateRestore(RESTORE_ID, { ...step, updatedAt });
  },
  now: () => collaborators.clock.now(),
  user: () => "operator",
  newRequestId: () => "00000000-0000-4000-8000-000000000001",
});
const backups = (...args: string[]): Promise<number> => runCommandLine(args, surroundings());

beforeEach(async () => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z"), tablePageLimit: 1 });
  [out, err, steps] = [[], [], []];
  invoke = (input) => handleRequest(input, collaborators);
  const source = await createEnvironment(collaborators);
  await createEnvironment(collaborators, "replicated", TARGET);
  await seal(collaborators, source, "one");
});

describe("backups backup", () => {
  it("queues a snapshot in the user's name, once however often the request is sent", async () => {
    invoke = async (input) => {
      await handleRequest(input, collaborators);
      return handleRequest(input, collaborators);
    };
    expect(await backups("backup", ENVIRONMENT, "--comment", "before release 12")).toBe(0);
    expect(collaborators.workflows.started).toHaveLength(1);
    const queued = must((await snapshots()).find(({ state }) => state === "queued"));
    expect(queued).toMatchObject({ createdBy: "operator", comment: "before release 12" });
    expect(out).toEqual([
      `A backup of environment ${ENVIRONMENT} is queued as snapshot ${queued.snapshotId}.`,
      `See how it goes with: backups snapshots ${ENVIRONMENT}`,
    ]);
  });
  it("answers in JSON, and says what is refused", async () => {
    expect(await backups("backup", ENVIRONMENT, "--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ environmentId: ENVIRONMENT, snapshotId: expect.any(String) });
    expect(await backups("backup", "none")).toBe(1);
    expect(err).toEqual([
      "There is no environment none in eu-central-1; register it first, or check its name and region.",
    ]);
  });
});

describe("backups snapshots", () => {
  it("lists all pages, the newest first, one line of what others wrote", async () => {
    collaborators.clock.advance(86_400_000);
    const source = must(await collaborators.catalog.getEnvironment(ENVIRONMENT));
    await seal(collaborators, source, "two", { replicated: false });
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "two", {
      dumpSize: 5_000_000,
      filesSize: 1536,
      fileCount: 3,
      missingCount: 1,
      comment: "first\n\u001b[2Jsecond",
    });
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed", statusMessage: "No room." });
    expect(await backups("snapshots", ENVIRONMENT)).toBe(0);
    expect(out).toEqual([
      "SNAPSHOT  CREATED               TIER     STATE      DATABASE                 FILES  REPLICATED  KEPT UNTIL            BY       NOTE",
      "two       2026-12-04T10:00:00Z  nightly  completed    5.0 MB  3, 1.5 kB, 1 missing  no          2026-12-18T10:00:00Z  Nightly  first [2Jsecond",
      "one       2026-12-03T10:00:00Z  nightly  failed                                                                       Nightly  No room.",
    ]);
  });
  it("answers in JSON, and says when there are none", async () => {
    expect(await backups("snapshots", ENVIRONMENT, "--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({
      environmentId: ENVIRONMENT,
      snapshots: [{ snapshotId: "one", offered: true, tier: "nightly", dumpSize: 1 }],
    });
    out.length = 0;
    expect(await backups("snapshots", TARGET)).toBe(0);
    expect(out).toEqual([`Environment ${TARGET} has no snapshots; take one with: backups backup ${TARGET}`]);
  });
});

describe("backups restore", () => {
  it("follows the restore to its end, printing what changes", async () => {
    steps = [
      { statusMessage: "Waits until the backup that is running in environment orders-acceptance has ended." },
      {},
      { state: "running", phase: "files", statusMessage: "", plan: PLAN, executionArn: "arn" },
      { files: { part: 0, after: null, batches: 1, put: 12, kept: 5, done: false } },
      { phase: "swap" },
      { state: "completed", phase: "done", statusMessage: "The database was restored." },
    ];
    expect(await backups(...RESTORE)).toBe(0);
    expect(out).toEqual([
      `Restore ${RESTORE_ID} of snapshot one into environment ${TARGET} is queued.`,
      "2026-12-03T10:00:05Z  queued: Waits until the backup that is running in environment orders-acceptance has ended.",
      "2026-12-03T10:00:15Z  running (files, 0 of 30 put)",
      "2026-12-03T10:00:20Z  running (files, 12 of 30 put)",
      "2026-12-03T10:00:25Z  running (swap)",
      `Restore ${RESTORE_ID} into environment ${TARGET} is completed. The database was restored.`,
      "Files: 12 put, 5 kept, 0 removed.",
    ]);
    expect(err).toEqual([]);
    expect(await collaborators.catalog.getRestore(RESTORE_ID)).toMatchObject({
      sourceEnvironmentId: ENVIRONMENT,
      requestedBy: "operator",
      databaseOnly: false,
      acknowledged: [],
    });
  });
  it("prints refusals and warnings as sentences, and ends with exit code 3", async () => {
    const plan = {
      ...PLAN,
      refusals: [finding("TargetRunning", "The app is running: stop it."), finding("NoRoom", "There is no room.")],
      warnings: [finding("FilesMissing", "A file is missing.")],
    };
    steps = [{ state: "failed", phase: "refused", statusMessage: "The app is running: stop it.", plan }];
    expect(await backups(...RESTORE, "--acknowledge", "FilesMissing", "ModelVersionOlder")).toBe(3);
    expect(out.slice(1)).toEqual([
      "refused: The app is running: stop it. [TargetRunning]",
      "refused: There is no room. [NoRoom]",
      "warning: A file is missing. [FilesMissing, acknowledged]",
    ]);
    expect(err).toEqual([
      `Restore ${RESTORE_ID} into environment ${TARGET} was refused and has changed nothing; mend this and restore again.`,
    ]);
    expect(await collaborators.catalog.getRestore(RESTORE_ID)).toMatchObject({
      acknowledged: ["FilesMissing", "ModelVersionOlder"],
    });
  });
  it("says how warnings are accepted, keeping those that were", async () => {
    const warnings = [finding("FilesMissing", "A file is missing."), finding("EncodingDiffers", "It differs.")];
    steps = [{ state: "queued", phase: "acknowledgement", statusMessage: "…", plan: { ...PLAN, warnings } }];
    expect(await backups(...RESTORE, "--database-only", "--acknowledge", "FilesMissing")).toBe(3);
    expect(out.slice(1)).toEqual([
      "warning: A file is missing. [FilesMissing, acknowledged]",
      "warning: It differs. [EncodingDiffers]",
    ]);
    expect(err[0]).toContain(
      `backups restore one --from ${ENVIRONMENT} --to ${TARGET} --database-only --acknowledge FilesMissing EncodingDiffers`,
    );
    expect(await collaborators.catalog.getRestore(RESTORE_ID)).toMatchObject({ databaseOnly: true });
  });
  it("says why a restore failed", async () => {
    steps = [
      { state: "running", phase: "restore", plan: PLAN },
      { state: "failed", statusMessage: "The server is gone." },
    ];
    expect(await backups(...RESTORE)).toBe(1);
    expect(err).toEqual([`Restore ${RESTORE_ID} into environment ${TARGET} failed: The server is gone.`]);
  });
  it("does not follow for ever", async () => {
    expect(await backups(...RESTORE, "--wait", "60")).toBe(1);
    expect(collaborators.clock.now()).toEqual(new Date("2026-12-03T10:01:00Z"));
    expect(err).toEqual([
      `Restore ${RESTORE_ID} has not ended within 60 seconds.`,
      `The restore goes on by itself; look later with: backups restore-status ${RESTORE_ID}`,
    ]);
  });
  it("says that the restore goes on when it can't be followed", async () => {
    invoke = (input) =>
      (input as { action: string }).action === "restore"
        ? handleRequest(input, collaborators)
        : Promise.reject(new CommandFailure(1, ["Your credentials have expired."]));
    expect(await backups(...RESTORE)).toBe(1);
    expect(err).toEqual([
      "Your credentials have expired.",
      `The restore goes on by itself; look later with: backups restore-status ${RESTORE_ID}`,
    ]);
  });
  it("answers in one JSON document, on failure too", async () => {
    const plan = { ...PLAN, refusals: [finding("NoRoom", "There is no room.")] };
    steps = [
      { state: "running", phase: "plan" },
      { state: "failed", phase: "refused", plan },
    ];
    expect(await backups(...RESTORE, "--json")).toBe(3);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ restoreId: RESTORE_ID, state: "failed", plan });
  });
  it("starts nothing that is refused at once", async () => {
    expect(await backups("restore", "two", "--from", ENVIRONMENT, "--to", TARGET, "--confirm", TARGET)).toBe(1);
    expect(err).toEqual([
      `Snapshot two of environment ${ENVIRONMENT} does not exist: choose one from the environment's list.`,
    ]);
    expect(collaborators.workflows.started).toEqual([]);
  });
});

describe("backups restore-status", () => {
  it("shows a restore, also one that failed", async () => {
    steps = [{ state: "running", phase: "restore", plan: PLAN }];
    await backups(...RESTORE, "--wait", "5");
    const warnings = [finding("FilesMissing", "A file is missing.")];
    await collaborators.catalog.updateRestore(RESTORE_ID, {
      state: "failed",
      phase: "undo",
      statusMessage: "The server is gone.",
      finishedAt: "2026-12-03T11:00:00Z",
      plan: { ...PLAN, warnings },
      acknowledged: ["FilesMissing"],
      files: { part: 0, after: null, batches: 1, put: 12, kept: 5, done: false },
    });
    out.length = 0;
    expect(await backups("restore-status", RESTORE_ID)).toBe(0);
    expect(out).toEqual([
      `restore   ${RESTORE_ID} of snapshot one of environment ${ENVIRONMENT}`,
      `into      environment ${TARGET}, database and files`,
      "asked     2026-12-03T10:00:00Z by operator",
      "state     failed (undo), ended 2026-12-03T11:00:00Z",
      "files     12 of 30 (4.1 kB) put, 5 kept, 0 removed",
      "message   The server is gone.",
      "  warning: A file is missing. [FilesMissing, acknowledged]",
    ]);
    out.length = 0;
    expect(await backups("restore-status", RESTORE_ID, "--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ restoreId: RESTORE_ID, state: "failed" });
  });
  it("says when there is none", async () => {
    expect(await backups("restore-status", "none")).toBe(1);
    expect(err).toEqual(["There is no restore none in eu-central-1; check its id and region."]);
  });
});

describe("usage", () => {
  it.each([
    [["restore", "one", "--from", ENVIRONMENT]],
    [["restore", "one", "--to", TARGET]],
    [["restore", "--from", ENVIRONMENT, "--to", TARGET]],
    [["restore-status"]],
    [["backup"]],
    [["snapshots", ENVIRONMENT, "--all"]],
  ])("%j is answered with exit code 2, and nobody is asked", async (args) => {
    invoke = () => Promise.reject(new Error("unexpected"));
    expect(await backups(...args)).toBe(2);
    expect(err).not.toEqual([]);
  });
  it("an answer of another version is one sentence", async () => {
    invoke = async () => ({ ok: true, message: "Done." });
    expect(await backups("backup", ENVIRONMENT)).toBe(1);
    expect(err).toEqual([
      "The requests function answered in an unknown form; update this checkout to the deployed version.",
    ]);
  });
});

const snapshots = async () => {
  const found = [];
  let cursor: string | undefined;
  do {
    const page = await collaborators.catalog.listSnapshots(ENVIRONMENT, cursor);
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
};
