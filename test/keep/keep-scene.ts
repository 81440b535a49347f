/** A sealed snapshot and the step that keeps it, as the workflow calls it. */
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import { readSnapshotRecord } from "../../lambda/catalog/records";
import { KEEP_START, type KeepOutput, type KeepProgress } from "../../lambda/keep/contract";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { recordsPrefix } from "../../lambda/storage/object-keys";
import { createEnvironment, ENVIRONMENT, seal, type SealOptions } from "../retention/sealed-environment";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";

export const CREATED = new Date("2026-12-03T03:18:00Z");
/** Two weeks later. */
export const OLD_EXPIRY = "2026-12-17T03:18:00Z";
export const UNTIL = "2027-12-31T00:00:00Z";
export const KEEP_EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:keep:one";

export interface KeepScene {
  readonly collaborators: FakeCollaborators;
  readonly environment: EnvironmentItem;
  readonly snapshot: SnapshotItem;
}

export async function keepScene(options: SealOptions = {}, now = CREATED): Promise<KeepScene> {
  const collaborators = fakeCollaborators({ now });
  const environment = await createEnvironment(collaborators);
  const snapshot = await seal(collaborators, environment, "night", { packs: ["one", "two"], ...options });
  collaborators.clock.advance(86_400_000);
  return { collaborators, environment, snapshot };
}

export const keep = (
  collaborators: Collaborators,
  {
    until = UNTIL,
    executionArn = KEEP_EXECUTION,
    progress = KEEP_START,
  }: {
    readonly until?: string;
    readonly executionArn?: string;
    readonly progress?: KeepProgress;
  } = {},
): Promise<KeepOutput> =>
  keepSnapshot(
    { executionArn, environmentId: ENVIRONMENT, snapshotId: "night", until, requestedBy: "admin", progress },
    collaborators,
  );

/** When the lock of each object ends (records have none), on both sides. */
export const locks = ({ store, replicaStore }: FakeCollaborators, environment: EnvironmentItem): readonly string[] => [
  ...new Set(
    [...store.versions(PRIMARY_BUCKET), ...replicaStore.versions(REPLICA_BUCKET)]
      .filter(({ key, isDeleteMarker }) => !isDeleteMarker && !key.startsWith(recordsPrefix(environment)))
      .map(({ lock }) => lock?.until.toISOString() ?? "none"),
  ),
];

export const keptUntil = async (collaborators: Collaborators, environment: EnvironmentItem): Promise<string | null> =>
  (await readSnapshotRecord(environment, "night", collaborators))?.keepUntil ?? null;
