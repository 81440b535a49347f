/**
 * The header `Idempotency-Key`: asking again with the same key is the same request. Ids made from it hold the
 * environment, so that nobody meets what was asked for elsewhere under the same key. A key that was used for something
 * else is refused, before anything is audited or changed. Pure.
 */
import { createHash } from "node:crypto";
import { ApiError } from "./api-error";

export const requestHash = (kind: string, environmentId: string, key: string): string =>
  createHash("sha256").update(`${kind}\n${environmentId}\n${key.toLowerCase()}`).digest("hex").slice(0, 32);

/** `what`: what the key was used for, such as `an archive`. */
export const requireSameWish = (isSame: boolean, what: string): void => {
  if (isSame) return;
  throw new ApiError(
    "INVALID_PARAMETERS",
    `"idempotency-key" was used before, for ${what} that was asked for otherwise; send a new one.`,
  );
};
