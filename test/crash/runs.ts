/** Whole runs of the simulated service: a backup, a restore, retention, and what must hold after them. */
import { readManifest } from "../../lambda/backup/committed-manifest";
import { requestBackup } from "../../lambda/backup/request-backup";
import { requestRestore } from "../../lambda/restore/request";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import type { ExecutionResult } from "./simulated-service";
import { SOURCE, TARGET, type SmallWorld } from "./small-world";

export const RESTORE_MACHINE = "arn:aws:states:eu-central-1:111111111111:stateMachine:restore";
let runs = 0;

/** A backup on demand, to its end; gives the snapshot's id. */
export const backUp = async ({ service }: SmallWorld): Promise<string> => {
  const { snapshotId } = await requestBackup(service.outside(), {
    environmentId: SOURCE,
    createdBy: "a test",
    comment: "",
  });
  await service.drain();
  return snapshotId;
};

export const restore = async ({ service }: SmallWorld, snapshotId: string): Promise<ExecutionResult> => {
  const { restoreId } = await requestRestore(
    service.outside(),
    {
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId: TARGET,
      databaseOnly: false,
      acknowledged: [],
      requestedBy: "a test",
    },
    RESTORE_MACHINE,
  );
  await service.drain();
  return service.result("restore", restoreId);
};

export const retain = async ({ service }: SmallWorld): Promise<ExecutionResult> =>
  service.start("retention", `retention-${++runs}`, {});

export const expectVerified = async ({ service }: SmallWorld, snapshotId: string): Promise<void> => {
  const { base } = service;
  const snapshot = await base.catalog.getSnapshot(SOURCE, snapshotId);
  expect(snapshot).toMatchObject({ state: "completed", statusMessage: "" });
  if (snapshot === undefined || snapshot.manifest === null) throw new Error(`Snapshot ${snapshotId} has no manifest.`);
  const manifest = await readManifest(snapshot.manifest, PRIMARY_BUCKET, service.store);
  const verified = await verifySnapshot(service.store, PRIMARY_BUCKET, manifest, { replica: false });
  expect(verified.problems).toEqual([]);
  if (snapshot.replicatedAt === null) return;
  const replica = await verifySnapshot(base.replicaStore, REPLICA_BUCKET, manifest, { replica: true });
  expect(replica.problems).toEqual([]);
};
