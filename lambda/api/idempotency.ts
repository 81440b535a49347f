/**
 * The header `Idempotency-Key`: asking again with the same key is the same request. Ids made from it hold the
 * environment, so that nobody meets what was asked for elsewhere under the same key. Pure.
 */
import { createHash } from "node:crypto";

export const requestHash = (kind: string, environmentId: string, key: string): string =>
  createHash("sha256").update(`${kind}\n${environmentId}\n${key.toLowerCase()}`).digest("hex").slice(0, 32);
