/** Snapshots in a line or two each for people; machines ask with --json. Pure. */
import type { PublicSnapshot } from "../../lambda/requests/contract";
import { describeFindings } from "./describe-findings";
import { oneLine, size } from "./plain-text";

/** Of the warnings of each; one snapshot alone shows all of its. */
const NAMED = 5;

/** By the time of creation; the id decides between equals, so that two calls agree. */
export const newestFirst = (snapshots: readonly PublicSnapshot[]): readonly PublicSnapshot[] =>
  snapshots.toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(a.snapshotId, b.snapshotId));

export const describeSnapshots = (environmentId: string, snapshots: readonly PublicSnapshot[]): readonly string[] =>
  snapshots.length === 0
    ? [`Environment ${environmentId} has no snapshots; take one with: backups backup ${environmentId}`]
    : snapshots.flatMap(describe);

function describe(snapshot: PublicSnapshot): readonly string[] {
  const { snapshotId, createdAt, tier, state, createdBy, comment, statusMessage, warnings } = snapshot;
  return [
    `${snapshotId}  ${createdAt}  ${tier.padEnd(9)}  ${state.padEnd(9)}  by ${oneLine(createdBy)}`,
    ...(state === "completed"
      ? [`  ${contents(snapshot)}; ${replication(snapshot)}; kept until ${snapshot.expiresAt}`]
      : []),
    ...(warnings.length > 0 || statusMessage === "" ? [] : [`  ${oneLine(statusMessage)}`]),
    ...describeFindings("warning", warnings.slice(0, NAMED)).map((line) => `  ${line}`),
    ...(warnings.length > NAMED ? [`  and ${warnings.length - NAMED} more warnings; --json has them all`] : []),
    ...(comment === "" ? [] : [`  ${oneLine(comment)}`]),
  ];
}

const contents = ({ dumpSize, filesSize, fileCount, missingCount }: PublicSnapshot): string => {
  const missing = missingCount === null || missingCount === 0 ? "" : `, ${missingCount} missing`;
  return `database ${size(dumpSize ?? 0)}, ${fileCount ?? 0} files ${size(filesSize ?? 0)}${missing}`;
};
const replication = ({ replicatedAt }: PublicSnapshot): string =>
  replicatedAt === null ? "not replicated" : `replicated ${replicatedAt}`;
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
