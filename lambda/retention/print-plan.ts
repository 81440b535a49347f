/** The plan as a dry run prints it: one line an object version, in the order in which it would go, with reasons. Pure. */
import { isoSeconds } from "../catalog/catalog";
import type { Judgement } from "./living";
import type { Deletion, DeletionPlan } from "./plan";

export function printPlan(judgement: Judgement, plan: DeletionPlan): readonly string[] {
  if (judgement.disagreements.length > 0) {
    return ["Nothing would be deleted, because sources disagree:", ...judgement.disagreements];
  }
  const deletions = [...plan.manifests, ...plan.data, ...plan.records];
  const bytes = deletions.reduce((total, deletion) => total + deletion.bytes, 0);
  return [
    ...lines("lives", judgement.living, (reason) => reason),
    ...lines("ends", judgement.ending, ({ reason }) => reason),
    ...deletions.map(line),
    ...plan.left.map(
      ({ side, key, reason, until }) => `left ${side} ${key}: ${reason}, locked until about ${isoSeconds(until)}`,
    ),
    `${deletions.length} versions, ${bytes} bytes would be deleted; ${plan.left.length} left for later.`,
  ];
}

const lines = <T>(verb: string, snapshots: ReadonlyMap<string, T>, say: (value: T) => string): readonly string[] =>
  [...snapshots].map(([snapshotId, value]) => `snapshot ${snapshotId} ${verb}: ${say(value)}`);
const line = ({ side, key, versionId, reason }: Deletion): string =>
  `delete ${side} ${key} version ${versionId}: ${reason}`;
