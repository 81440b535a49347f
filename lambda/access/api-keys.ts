/**
 * API keys: their form, and the only thing of them that is ever stored. Pure.
 *
 * A key is 256 random bits, so a plain SHA-256 suffices: nobody can guess one, with or without the hash, and neither
 * salt nor a slow hash would add to that. A key is found by its hash, so how long the look-up takes tells nothing
 * about a key that is almost right.
 */
import { createHash } from "node:crypto";
import type { Randomness } from "../runtime/collaborators";

const KEY_BYTES = 32;
/** What a key begins with, so that people, secret scanners and our own logger know one when they see one. */
export const KEY_PREFIX = "nbk_";

export const newApiKey = (random: Randomness): string =>
  `${KEY_PREFIX}${Buffer.from(random(KEY_BYTES)).toString("base64url")}`;

/** SHA-256 in hex: what the catalog has instead of the key. */
export const hashOfKey = (key: string): string => createHash("sha256").update(key, "utf8").digest("hex");

/** The first eight digits of the hash: names the key to people. */
export const keyIdOf = (hash: string): string => hash.slice(0, 8);
