/**
 * Looks at a manifest's objects on each side: there, of the right size and checksum, and locked for how long. An object
 * that many snapshots share is looked at once. Reads only.
 */
import { createHash } from "node:crypto";
import type { StoredObjectEntry } from "../snapshot/manifest";
import { crc32FromBase64 } from "../storage/crc32-text";
import type { ObjectInfo } from "../storage/object-store";
import { AccessRefused, ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import type { BucketSide, Side } from "../retention/inventory";
import type { ObjectCheck } from "./contract";
import { refOf, type StoredVersion, type StoredVersions } from "./stored-versions";

export interface Copy {
  readonly home: BucketSide;
  readonly state: "whole" | "missing" | "damaged";
  /** What is wrong, as the rest of a sentence; empty when it is whole. */
  readonly problem: string;
  readonly lockedUntil: Date | null;
}
export interface CheckedObject {
  readonly entry: StoredObjectEntry;
  /** In the order of the sides. */
  readonly copies: readonly Copy[];
}

export class ObjectChecker {
  private readonly known = new Map<string, Promise<CheckedObject>>();

  constructor(
    private readonly stored: StoredVersions,
    private readonly sides: readonly BucketSide[],
    private readonly how: ObjectCheck,
  ) {}

  check(entry: StoredObjectEntry): Promise<CheckedObject> {
    const name = `${entry.key}\n${entry.versionId}\n${entry.sha256}`;
    const standing = this.known.get(name);
    if (standing !== undefined) return standing;
    const checked = this.look(entry);
    this.known.set(name, checked);
    return checked;
  }

  private async look(entry: StoredObjectEntry): Promise<CheckedObject> {
    const copies: Copy[] = [];
    for (const home of this.sides) copies.push(await this.lookAt(entry, home));
    return { entry, copies };
  }

  private async lookAt(entry: StoredObjectEntry, home: BucketSide): Promise<Copy> {
    const version = this.stored.counting(entry.key, entry.versionId, home);
    if (version === undefined) return { home, state: "missing", problem: "is missing", lockedUntil: null };
    const damaged = (problem: string): Copy => ({ home, state: "damaged", problem, lockedUntil: null });
    if (version.size !== entry.size) return damaged(`has ${version.size} bytes instead of ${entry.size}`);
    try {
      const info = await home.store.head(refOf(version));
      if (sameChecksum(entry, info) === false) return damaged("has another checksum than the manifest says");
      if (this.how === "read" && (await sha256Of(version)) !== entry.sha256)
        return damaged("has other bytes than the manifest says");
      return { home, state: "whole", problem: "", lockedUntil: info.lock?.until ?? null };
    } catch (error) {
      if (error instanceof ObjectNotFound)
        return { home, state: "missing", problem: "was listed and is gone", lockedUntil: null };
      if (error instanceof AccessRefused || error instanceof ObjectDamaged)
        return damaged(`can't be read (${error.message.replace(/\.$/, "")})`);
      throw error;
    }
  }
}

export const wholeAt = (side: Side, { copies }: CheckedObject): Copy | undefined =>
  copies.find(({ home, state }) => home.side === side && state === "whole");

/** Undefined where the server keeps no checksum of the whole object. */
function sameChecksum(entry: StoredObjectEntry, info: ObjectInfo): boolean | undefined {
  if (info.sha256 !== undefined) return Buffer.from(info.sha256, "base64").toString("hex") === entry.sha256;
  const crc32 = crc32FromBase64(info.crc32);
  return crc32 === undefined ? undefined : crc32 === entry.crc32;
}

async function sha256Of(version: StoredVersion): Promise<string> {
  const hash = createHash("sha256");
  const { body } = await version.home.store.get(refOf(version));
  for await (const piece of body) hash.update(piece);
  return hash.digest("hex");
}
