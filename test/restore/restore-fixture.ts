/** The restore workflow driven by hand, with a database task that only keeps books. */
import type { ListSegment, RestoreItem, TargetPreflight } from "../../lambda/catalog/items";
import { ListWriter } from "../../lambda/pack/index-io";
import { compareKeys } from "../../lambda/pack/key-order";
import type { RestoreInput, RestoreOutput } from "../../lambda/restore/contract";
import { requestRestore, type RestoreRequest } from "../../lambda/restore/request";
import { restoreStep } from "../../lambda/restore/restore.handler";
import { SnapshotReader } from "../../lambda/restore/snapshot-reader";
import { listLines } from "../../lambda/restore/stored-lines";
import { restoreOldListKey } from "../../lambda/storage/object-keys";
import { FILES_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { SNAPSHOT, SOURCE, TARGET } from "./snapshot-fixture";

export const RESTORE = "restore-1";
export const EXECUTION = `arn:aws:states:eu-central-1:111111111111:execution:restore:${RESTORE}`;
export const STATE_MACHINE = "arn:aws:states:eu-central-1:111111111111:stateMachine:restore";

export const preflight: TargetPreflight = {
  at: "2026-12-06T00:00:00Z",
  databaseOid: 100,
  owner: "shop",
  encoding: "UTF8",
  collate: "C",
  ctype: "C",
  serverVersion: "15.14",
  serverMajor: 15,
  databaseSize: 8_000_000,
  sessions: 0,
  freeBytes: null,
  roles: ["shop"],
  availableExtensions: ["plpgsql"],
  canCreateDatabase: true,
  memberOfOwner: true,
  toolMajor: 15,
};

export const request = (c: FakeCollaborators, change: Partial<RestoreRequest> = {}): Promise<RestoreItem> =>
  requestRestore(
    c,
    {
      sourceEnvironmentId: SOURCE,
      snapshotId: SNAPSHOT,
      targetEnvironmentId: TARGET,
      databaseOnly: false,
      acknowledged: [],
      requestedBy: "somebody",
      restoreId: RESTORE,
      ...change,
    },
    STATE_MACHINE,
  );

type Step = RestoreInput["step"];
export const call = (
  c: FakeCollaborators,
  step: Step,
  error: { Error?: string; Cause?: string } = {},
): Promise<RestoreOutput> =>
  restoreStep(
    step === "fail"
      ? { step, restoreId: RESTORE, executionArn: EXECUTION, error }
      : { step, restoreId: RESTORE, executionArn: EXECUTION },
    c,
  );
/** As the workflow does: again while there is more. */
export const callAll = async (c: FakeCollaborators, step: Step): Promise<RestoreOutput> => {
  for (let calls = 0; calls < 10_000; calls++) {
    const output = await call(c, step);
    if (output.outcome !== "more") return output;
  }
  throw new Error(`The step ${step} never ends.`);
};

export const item = async (c: FakeCollaborators): Promise<RestoreItem> => {
  const restore = await c.catalog.getRestore(RESTORE);
  if (restore === undefined) throw new Error("no restore item");
  return restore;
};

// The database task's part

export const runPreflight = (c: FakeCollaborators, change: Partial<TargetPreflight> = {}): Promise<void> =>
  c.catalog.updateRestore(RESTORE, { preflight: { ...preflight, ...change } });

export const runRestore = async (c: FakeCollaborators, oldKeys: readonly string[]): Promise<void> => {
  const place = { replication: "replicated", environmentId: TARGET } as const;
  const writer = new ListWriter(c.store, {
    bucket: c.settings.PRIMARY_BUCKET,
    keyOf: (segment) => restoreOldListKey(place, RESTORE, segment),
    linesPerSegment: 100,
  });
  for (const key of [...oldKeys].toSorted(compareKeys)) await writer.add({ key });
  const oldList: ListSegment[] = await writer.finish();
  await c.catalog.updateRestore(RESTORE, {
    database: {
      oldOid: 100,
      newName: "beside",
      newOid: 200,
      restored: true,
      oldList,
      swappedAt: null,
      removed: 0,
      oldDropped: false,
    },
  });
};

export const runSwap = async (c: FakeCollaborators): Promise<void> => {
  const { database, removal } = await item(c);
  if (database === null) throw new Error("nothing to swap");
  const keys = await removalKeys(c);
  if (keys.length > 0)
    await c.store.deleteBatch(
      FILES_BUCKET,
      keys.map((key) => ({ key: `${TARGET}/${key}` })),
    );
  const removed = removal?.count ?? 0;
  await c.catalog.updateRestore(RESTORE, {
    database: { ...database, swappedAt: "2026-12-06T01:00:00Z", removed, oldDropped: true },
  });
};

export const removalKeys = async (c: FakeCollaborators): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of listLines(new SnapshotReader(c, true), (await item(c)).removal?.segments ?? [], null))
    keys.push(key);
  return keys;
};

/** Begin, preflight and plan: up to where something would be touched. */
export const planned = async (c: FakeCollaborators, change: Partial<RestoreRequest> = {}): Promise<RestoreOutput> => {
  await request(c, change);
  await call(c, "begin");
  await runPreflight(c);
  return callAll(c, "plan");
};

/** Everything of a prefix of the file bucket, each version, for comparing before and after. */
export const standing = (c: FakeCollaborators, environmentId = TARGET): [string, string, boolean][] =>
  c.store
    .versions(FILES_BUCKET)
    .filter(({ key }) => key.startsWith(`${environmentId}/`))
    .map(({ key, body, isDeleteMarker }) => [
      key.slice(environmentId.length + 1),
      Buffer.from(body).toString("latin1"),
      isDeleteMarker,
    ]);

export const putTarget = async (c: FakeCollaborators, files: Iterable<readonly [string, Buffer]>): Promise<void> => {
  for (const [key, body] of files) await c.store.put({ bucket: FILES_BUCKET, key: `${TARGET}/${key}`, body });
};
