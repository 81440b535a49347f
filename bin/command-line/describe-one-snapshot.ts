/** A snapshot with all that the page shows of it, a line a field. Pure. */
import { withoutPublished } from "../../lambda/snapshot/published-words";
import type { ApiSnapshot } from "./api/answers";
import { describeFindings } from "./describe-findings";
import { oneLine, second, size } from "./plain-text";

const MB = 1_000_000;
const numberOf = (warnings: number): string =>
  warnings === 0 ? "" : `, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;

export function describeOneSnapshot(one: ApiSnapshot): readonly string[] {
  const missing = one.missingCount === null || one.missingCount === 0 ? "" : `, ${one.missingCount} missing`;
  const message = withoutPublished(one.statusMessage ?? "");
  return [
    `status         ${one.state}${numberOf(one.warnings.length)}`,
    `type           ${oneLine(one.type)} (${one.tier})`,
    `snapshot id    ${one.snapshotId}`,
    `created on     ${second(one.createdAt)}${one.finishedAt === null ? "" : `, finished ${second(one.finishedAt)}`}`,
    `expires on     ${second(one.expiresAt)}`,
    `model version  ${one.modelVersion ? oneLine(one.modelVersion) : "unknown"}`,
    `size           ${one.size === null ? "not known yet" : `${(one.size / MB).toFixed(1)} MB uncompressed: database ${size(one.databaseSize ?? 0)}, ${one.fileCount ?? 0} files ${size(one.filesSize ?? 0)}${missing}`}`,
    `replicated     ${one.replicatedAt !== null ? second(one.replicatedAt) : one.replicationMessage === null ? "no" : oneLine(one.replicationMessage)}`,
    ...describeFindings("warning", one.warnings),
    ...(one.warning === null ? [] : [`warning        ${oneLine(one.warning)}`]),
    ...(one.comment === "" ? [] : [`comment        ${oneLine(one.comment)}`]),
    ...(message === "" || one.warnings.length > 0 ? [] : [`message        ${oneLine(message)}`]),
  ];
}
