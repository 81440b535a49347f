/**
 * Measures a region: one pass over its environments, its open restores and its snapshots, page by page, then the
 * metrics, which know no environments; those whose newest backup is too old are named in the log and to whoever is told
 * of alarms. Without the time for a whole pass nothing is measured, because half a pass would say that all is well; the
 * alarm `gauges-failed` says so.
 */
import { allPages } from "../catalog/catalog";
import type { WindowRow } from "../nightly-window/contract";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { TOO_OLD_SECONDS, type GaugesOutput } from "./contract";
import { Tally } from "./tally";
import { taskImageAge } from "./task-image-age";
import { nameTooOld } from "./too-old";

const RESERVE_MS = 5_000;

export async function measureRegion(
  row: WindowRow,
  collaborators: Pick<Collaborators, "catalog" | "clock" | "metrics" | "log" | "notifier" | "remainingMs">,
): Promise<GaugesOutput> {
  const { catalog, clock, metrics, remainingMs } = collaborators;
  const tally = new Tally(clock.now(), row);
  const counts = { snapshots: 0, environments: 0 };
  const inTime = (): void => {
    if (remainingMs() >= RESERVE_MS) return;
    throw new ServiceFailure(
      "GaugesIncomplete",
      `The time was over after ${counts.snapshots} snapshots of ${counts.environments} environments: nothing is measured; give the function gauges more time.`,
      true,
    );
  };
  for await (const environment of allPages((cursor) => catalog.listEnvironments(cursor))) {
    inTime();
    counts.environments += 1;
    tally.environment(environment);
  }
  for await (const restore of allPages((cursor) => catalog.listOpenRestores(cursor))) tally.restore(restore);
  for await (const snapshot of allPages((cursor) => catalog.listAllSnapshots(cursor))) {
    inTime();
    counts.snapshots += 1;
    tally.snapshot(snapshot);
  }
  const image = await catalog.findTaskImage();
  if (image !== undefined) metrics.add("TaskImageAge", taskImageAge(image, clock.now()));
  const gauges = tally.gauges();
  metrics.add("QueuedOperations", gauges.queued);
  metrics.add("LongestQueued", gauges.longestQueuedSeconds);
  metrics.add("WindowOverrun", gauges.overrunSeconds);
  metrics.add("ReplicationLag", gauges.replicationLagSeconds ?? 0);
  metrics.add("RetentionBacklog", gauges.backlog);
  metrics.add("RetentionOverdue", gauges.overdueSeconds);
  metrics.add("StoredLogical", gauges.logicalBytes);
  const tooOld = gauges.ages.filter(({ seconds }) => seconds >= TOO_OLD_SECONDS);
  metrics.add("NewestSnapshotAge", gauges.ages[0]?.seconds ?? 0);
  metrics.add("EnvironmentsTooOld", tooOld.length);
  await nameTooOld(row.region, tooOld, collaborators);
  return { ...counts, tooOld: tooOld.length };
}
