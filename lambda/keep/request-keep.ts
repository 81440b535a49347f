/**
 * Asking for a snapshot to be kept longer: refused at once with a sentence, or audited and started. A crash in between
 * leaves an audit record of what was only tried. Asking again starts another execution, which finds it done.
 */
import { recordAudit } from "../audit/record-audit";
import { readManifest } from "../backup/committed-manifest";
import { isoSeconds } from "../catalog/catalog";
import type { EnvironmentItem, SnapshotItem } from "../catalog/items";
import { objectionToKeeping } from "../rules/keep-until";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { isRecoveryPoint } from "../snapshot/manifest";
import type { KeepRequest } from "./contract";
import { NotKept, notForRecoveryPoints } from "./lock-objects";

type RequestCollaborators = Pick<Collaborators, "workflows" | "settings" | "store" | "clock" | "random">;

export interface KeepWish {
  readonly until: Date;
  readonly by: string;
}

export async function requestKeep(
  collaborators: RequestCollaborators,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  { until, by }: KeepWish,
): Promise<void> {
  const { workflows, settings, store, clock, random } = collaborators;
  const { environmentId, snapshotId } = snapshot;
  const objection = objectionToKeeping(snapshot, until, clock.now());
  if (objection !== undefined) throw new ServiceFailure("SnapshotNotKept", objection, false);
  if (snapshot.manifest !== null) {
    const { database } = await readManifest(snapshot.manifest, settings.PRIMARY_BUCKET, store);
    if (isRecoveryPoint(database)) throw new NotKept(notForRecoveryPoints(snapshotId));
  }
  const details = { snapshotId, until: isoSeconds(until), before: snapshot.expiresAt };
  await recordAudit(collaborators, environment, { action: "snapshot.keep", by, details });
  const name = `${snapshotId.slice(0, 60)}-${Buffer.from(random(8)).toString("hex")}`;
  const request: KeepRequest = { environmentId, snapshotId, until: isoSeconds(until), requestedBy: by };
  await workflows.start(settings.KEEP_STATE_MACHINE_ARN, name, request);
}
