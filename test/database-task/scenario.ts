/** A catalog, stores and a real database: what a verb needs to run in a test's own process. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RestoreItem, SnapshotItem } from "../../lambda/catalog/items";
import { registration, type RegistrationInput } from "../../lambda/catalog/registration";
import type { TaskContext } from "../../lambda/database-task/task-context";
import { runVerb } from "../../lambda/database-task/verbs";
import { readDump } from "../../lambda/pack/dump-segment";
import { flat, IndexPartWriter, ListWriter, readList } from "../../lambda/pack/index-io";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import type { DatabaseEntry, IndexPartEntry } from "../../lambda/snapshot/manifest";
import type { IndexLine, ListLine } from "../../lambda/snapshot/file-index";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { type FakeCollaborators, fakeCollaborators, FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import type { PostgresServer } from "../support/postgres";
import { must } from "../support/must";

export const QUERY = "SELECT uuid FROM file WHERE hascontents;\n";

export interface Scenario extends Omit<FakeCollaborators, "secrets"> {
  readonly server: PostgresServer;
  context: TaskContext;
  readonly secrets: Map<string, { username: string; password: string }>;
  /** Stops the task, as SIGTERM does. */
  readonly stop: AbortController;
}

export const scenario = (server: PostgresServer, change: Partial<TaskContext> = {}): Scenario => {
  const fakes = fakeCollaborators({ store: { minPartBytes: 1 } });
  const secrets = new Map([["superuser", { username: server.user, password: server.password }]]);
  const stop = new AbortController();
  const { clock, catalog, store, replicaStore, settings, log, metrics, events, random } = fakes;
  return Object.assign(fakes, {
    server,
    secrets,
    stop,
    context: {
      settings,
      catalog,
      store,
      replicaStore,
      clock,
      random,
      log,
      metrics,
      events,
      taskArn: "task/one",
      programs: { directory: server.programsPattern, majors: [server.major] },
      patience: { pauseMs: 20, lockTries: 2, busyTries: 20 },
      signal: stop.signal,
      secrets: {
        databaseCredentials: async (id: string) => {
          const found = secrets.get(id);
          if (found === undefined)
            throw new ServiceFailure(
              "SecretMissing",
              `There is no secret ${id}: create it or correct the registration.`,
              false,
            );
          return found;
        },
      },
      ...change,
    },
  });
};

type Change = {
  readonly database?: Partial<RegistrationInput["database"]>;
  readonly files?: Partial<RegistrationInput["files"]>;
};
export const registerEnvironment = async (
  on: Scenario,
  environmentId: string,
  database: string,
  change: Change = {},
): Promise<void> => {
  const parsed = registration.parse({
    environmentId,
    appId: "app",
    region: "eu-central-1",
    database: {
      host: on.server.host,
      port: on.server.port,
      name: database,
      secret: "superuser",
      ssl: "disable",
      ...change.database,
    },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    files: {
      bucket: FILES_BUCKET,
      prefix: `${environmentId}/`,
      source: { kind: "reference-query", query: QUERY },
      ...change.files,
    },
  } satisfies RegistrationInput);
  await on.catalog.createEnvironment({
    environmentId,
    registration: parsed,
    replication: "replicated",
    registeredAt: "2026-12-01T00:00:00Z",
    firstStartedAt: null,
    running: false,
    modelVersion: "",
    lastDurationSeconds: null,
    lastSnapshotId: null,
    probe: null,
  });
};

/** An attempt as `begin` leaves it: with the environment's lease. */
export const beginAttempt = async (
  on: Scenario,
  environmentId: string,
  attemptId = "attempt-1",
): Promise<[string, string, string]> => {
  const token = `token-${attemptId}`;
  await on.catalog.acquireLease({
    environmentId,
    token,
    executionArn: `arn:${attemptId}`,
    purpose: "backup",
    takenAt: "2026-12-05T00:00:00Z",
    taskArn: null,
  });
  await on.catalog.putAttempt({
    attemptId,
    environmentId,
    snapshotId: "snapshot-1",
    attempt: 1,
    executionArn: `arn:${attemptId}`,
    leaseToken: token,
    startedAt: "2026-12-05T00:00:00Z",
    baseSnapshotId: null,
    dump: null,
    plan: null,
    failure: null,
  });
  return [environmentId, "snapshot-1", attemptId];
};

/** Runs a verb as the task does, and expects it to end with `code`. */
export const run = async (on: Scenario, ...args: string[]): Promise<void> => expectCode(on, 0, args);
export const runFailing = async (on: Scenario, ...args: string[]): Promise<void> => expectCode(on, 1, args);
const expectCode = async (on: Scenario, code: number, args: string[]): Promise<void> => {
  const ended = await runVerb(on.context, args);
  if (ended !== code) throw new Error(`${args.join(" ")} ended with ${ended}: ${JSON.stringify(on.log.lines.at(-1))}`);
};

/** Backs an environment's database up and seals it by hand, without files. */
export const takeSnapshot = async (
  on: Scenario,
  environmentId: string,
  recorded = (database: DatabaseEntry): DatabaseEntry => database,
  /** Of its file index, in key order. */
  lines: readonly IndexLine[] = [],
): Promise<DatabaseEntry> => {
  const [, snapshotId, attemptId] = await beginAttempt(on, environmentId);
  await run(on, "dump", environmentId, snapshotId, attemptId);
  const dump = (await on.catalog.getAttempt(attemptId))?.dump;
  if (dump === undefined || dump === null) throw new Error("no dump");
  await on.catalog.releaseLease(environmentId, `token-${attemptId}`);
  const text = {
    format: 1,
    snapshotId,
    attemptId,
    environmentId,
    appId: "app",
    region: "eu-central-1",
    replication: "replicated",
    replicationRegion: "eu-west-1",
    tier: "nightly",
    night: null,
    createdAt: "2026-12-05T00:00:00Z",
    completedAt: "2026-12-05T00:10:00Z",
    expiresAt: "2026-12-19T00:00:00Z",
    createdBy: "Nightly",
    comment: "",
    modelVersion: "",
    consistency: "reference-query",
    baseSnapshotId: null,
    database: recorded(must(dump.database)),
    files: {
      count: 0,
      bytes: 0,
      missing: { count: 0, keys: [] },
      index: await indexOf(on, snapshotId, lines),
      packs: [],
    },
    warnings: [],
  };
  const upload = new ObjectUpload(on.store, {
    bucket: PRIMARY_BUCKET,
    key: `replicated/${environmentId}/snapshots/${snapshotId}/manifest.json`,
  });
  await upload.write(Buffer.from(JSON.stringify(text)));
  await on.catalog.createSnapshot({
    snapshotId,
    environmentId,
    attemptId,
    tier: "nightly",
    night: null,
    state: "completed",
    statusMessage: "",
    attempt: 1,
    createdBy: "Nightly",
    comment: "",
    modelVersion: "",
    createdAt: text.createdAt,
    updatedAt: text.createdAt,
    finishedAt: text.completedAt,
    expiresAt: text.expiresAt,
    replicatedAt: null,
    replicationMessage: "",
    dumpSize: 0,
    filesSize: 0,
    fileCount: 0,
    missingCount: 0,
    manifest: await upload.finish(),
    deleting: false,
  } satisfies SnapshotItem);
  return must(dump.database);
};

const LINES_A_PART = 100;
const indexOf = async (
  on: Scenario,
  snapshotId: string,
  lines: readonly IndexLine[],
): Promise<readonly IndexPartEntry[]> => {
  const parts: IndexPartEntry[] = [];
  for (let from = 0; from < lines.length; from += LINES_A_PART) {
    const key = `replicated/snapshots/${snapshotId}/index-${parts.length}`;
    const lock = { mode: on.settings.LOCK_MODE, until: new Date("2026-12-19T00:00:00Z") };
    const writer = new IndexPartWriter(on.store, { bucket: PRIMARY_BUCKET, key, lock });
    for (const line of lines.slice(from, from + LINES_A_PART)) await writer.add(line);
    parts.push(await writer.finish());
  }
  return parts;
};

/** A restore as `begin` leaves it: with the target's lease. */
export const beginRestore = async (
  on: Scenario,
  source: string,
  target: string,
  change: Partial<RestoreItem> = {},
): Promise<string> => {
  const restoreId = change.restoreId ?? "restore-1";
  const token = `token-${restoreId}`;
  await on.catalog.acquireLease({
    environmentId: target,
    token,
    executionArn: `arn:${restoreId}`,
    purpose: "restore",
    takenAt: "2026-12-05T00:00:00Z",
    taskArn: null,
  });
  await on.catalog.createRestore({
    restoreId,
    sourceEnvironmentId: source,
    snapshotId: "snapshot-1",
    targetEnvironmentId: target,
    databaseOnly: false,
    acknowledged: [],
    requestedBy: "someone",
    state: "running",
    phase: "database",
    statusMessage: "",
    createdAt: "2026-12-05T01:00:00Z",
    updatedAt: "2026-12-05T01:00:00Z",
    finishedAt: null,
    executionArn: `arn:${restoreId}`,
    leaseToken: token,
    preflight: null,
    plan: null,
    files: { part: 0, after: null, batches: 0, put: 0, kept: 0, done: true },
    database: null,
    removal: null,
    failure: null,
    ...change,
  });
  return restoreId;
};

/** Fixes what is removed after the swap, as the restore's own step does. */
export const planRemoval = async (on: Scenario, restoreId: string, keys: readonly string[]): Promise<void> => {
  const writer = new ListWriter(on.store, {
    bucket: PRIMARY_BUCKET,
    keyOf: (segment) => `replicated/removal-${restoreId}-${segment}`,
    linesPerSegment: 1500,
  });
  for (const key of keys) await writer.add({ key });
  await on.catalog.updateRestore(restoreId, {
    removal: { segments: await writer.finish(), count: keys.length, done: true },
  });
};

export const linesOf = async (on: Scenario, segments: Parameters<typeof readList>[2]): Promise<ListLine[]> =>
  collect(flat(readList(on.store, PRIMARY_BUCKET, segments)));

export const dumpBytes = async (on: Scenario, database: DatabaseEntry): Promise<Buffer> =>
  Buffer.concat(await collect(readDump(on.store, PRIMARY_BUCKET, database)));

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** What a failed verb left for the user. */
export const sentence = async (on: Scenario, of: { attempt?: string; restore?: string }): Promise<string> => {
  const item =
    of.attempt === undefined ? await on.catalog.getRestore(of.restore ?? "") : await on.catalog.getAttempt(of.attempt);
  return `${item?.failure?.name}: ${item?.failure?.message}`;
};

/** Objects of the primary bucket, committed ones only. */
export const stored = (on: Scenario): string[] => on.store.versions(PRIMARY_BUCKET).map(({ key }) => key);

export const withFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "task-test-"));
  try {
    await use(folder);
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
};
