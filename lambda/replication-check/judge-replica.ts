/** What one object at the replica is worth, by its head alone. Pure. */
import type { StoredObjectEntry } from "../snapshot/manifest";
import { crc32FromBase64 } from "../storage/crc32-text";
import type { Lock, ObjectInfo } from "../storage/object-store";
import { isLocked } from "../storage/standing-object";

export type Verdict =
  /** Right size, checksum and lock. */
  | { readonly kind: "whole" }
  /** Right size and lock, but the server keeps no checksum: it must be read back. */
  | { readonly kind: "unverified" }
  /** The bytes are right as far as the head tells; the lock ends before the snapshot does. */
  | { readonly kind: "unlocked" }
  | { readonly kind: "damaged"; readonly message: string };

export function judgeReplica(entry: StoredObjectEntry, info: ObjectInfo, lock: Lock): Verdict {
  const { key } = entry;
  if (info.size !== entry.size) {
    return {
      kind: "damaged",
      message: `The replica's object ${key} is damaged: it has ${info.size} bytes instead of ${entry.size}.`,
    };
  }
  const same = sameChecksum(entry, info);
  if (same === false) return damagedBytes(key);
  if (!isLocked(info, lock)) return { kind: "unlocked" };
  return { kind: same === undefined ? "unverified" : "whole" };
}

export const damagedBytes = (key: string): Extract<Verdict, { kind: "damaged" }> => ({
  kind: "damaged",
  message: `The replica's object ${key} is damaged: its checksum is not that of the manifest.`,
});

/** Undefined where the server keeps no checksum of the whole object. */
function sameChecksum(entry: StoredObjectEntry, info: ObjectInfo): boolean | undefined {
  if (info.sha256 !== undefined) return Buffer.from(info.sha256, "base64").toString("hex") === entry.sha256;
  const crc32 = crc32FromBase64(info.crc32);
  return crc32 === undefined ? undefined : crc32 === entry.crc32;
}
