/**
 * Names of the databases a restore makes. They follow from the target and the restore's id, so that every try finds
 * what an earlier one left; PostgreSQL cuts names at 63 bytes, so they are cut here, where it can't hurt.
 */
import { createHash } from "node:crypto";

/** The restored database until the swap. */
export const besideName = (target: string, restoreId: string): string => suffixed(target, `__new_${short(restoreId)}`);
/** The replaced database from the swap until it is dropped. */
export const replacedName = (target: string, restoreId: string): string =>
  suffixed(target, `__old_${short(restoreId)}`);

/** Key of the advisory lock that keeps a twin out: a signed 64-bit number, as text. */
export const lockKey = (target: string): string =>
  createHash("sha256").update(`nightly-backups/${target}`).digest().readBigInt64BE().toString();

const MAXIMUM_BYTES = 63;

const short = (restoreId: string): string => createHash("sha256").update(restoreId).digest("hex").slice(0, 12);

const suffixed = (name: string, suffix: string): string => {
  let cut = "";
  for (const character of name) {
    if (Buffer.byteLength(cut + character + suffix) > MAXIMUM_BYTES) break;
    cut += character;
  }
  return cut + suffix;
};
