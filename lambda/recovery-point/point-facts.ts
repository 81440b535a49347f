/** What a recovery point must be like before a snapshot may count on it, in either region. Pure. */
import { ServiceFailure } from "../runtime/collaborators";
import type { RecoveryPoint } from "./recovery-points";

/** AWS Backup uses both words for a recovery point that is whole. */
const WHOLE: ReadonlySet<string> = new Set(["COMPLETED", "AVAILABLE"]);

/** One sentence, or undefined when all is well. `where` such as "in eu-west-1". */
export function objectionToPoint(
  point: RecoveryPoint | undefined,
  where: string,
  expiresAt: string,
): string | undefined {
  if (point === undefined) return `The recovery point ${where} is gone, or was never made; look for it in AWS Backup.`;
  const { arn, status, message, encrypted, deleteAt } = point;
  const said = message === "" ? "" : ` (${message.replace(/\.$/, "")})`;
  if (!WHOLE.has(status))
    return `The recovery point ${arn} ${where} is ${status || "in no state"}${said}, not COMPLETED.`;
  if (!encrypted)
    return `The recovery point ${arn} ${where} is not encrypted, because its RDS instance is not; encrypt the instance's storage, which takes a restore of it, or register the environment with "backup": "dump".`;
  if (deleteAt !== null && deleteAt.getTime() < Date.parse(expiresAt))
    return `AWS Backup would remove the recovery point ${arn} ${where} on ${deleteAt.toISOString()}, before the snapshot expires on ${expiresAt}.`;
  return undefined;
}

export const unusable = (sentence: string): ServiceFailure =>
  new ServiceFailure("RecoveryPointUnusable", sentence, true);
