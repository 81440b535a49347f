/** Ids of snapshots and attempts. Pure: what may be repeated gets the same id again. */
import { createHash } from "node:crypto";
import type { Randomness } from "../runtime/collaborators";

/** One snapshot a night (rule 2): all attempts of a night belong to it. */
export const nightlySnapshotId = (environmentId: string, night: string): string =>
  uuid(createHash("sha256").update(`nightly\n${environmentId}\n${night}`).digest());

/** Asking again with the same request id, made by the caller, is the same snapshot. */
export const requestedSnapshotId = (environmentId: string, requestId: string): string =>
  uuid(createHash("sha256").update(`on-demand\n${environmentId}\n${requestId.toLowerCase()}`).digest());

export const newSnapshotId = (random: Randomness): string => uuid(random(16));

/** The same execution, run again from any state, is the same attempt. */
export const attemptIdOf = (executionArn: string): string =>
  createHash("sha256").update(`attempt\n${executionArn}`).digest("hex").slice(0, 20);

/** Sixteen bytes in the form of a UUID, version 8 (any content of our own). */
function uuid(bytes: Uint8Array): string {
  const content = Buffer.from(bytes.subarray(0, 16));
  content[6] = ((content[6] ?? 0) & 0x0f) | 0x80;
  content[8] = ((content[8] ?? 0) & 0x3f) | 0x80;
  return content.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
