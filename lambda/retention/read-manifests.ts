/**
 * Reads every manifest that stands in the buckets, and keeps of each what decides over life and death. A manifest
 * that can't be read, or isn't what was sealed, is a finding and no exception: nothing may be deleted then. A store
 * that can't be reached at all is an exception: the next run tries again.
 */
import { createHash } from "node:crypto";
import type { SnapshotItem } from "../catalog/items";
import { manifest as manifestSchema } from "../snapshot/manifest";
import { objectsOf } from "../snapshot/manifest-objects";
import type { VersionRef } from "../storage/object-store";
import { AccessRefused, ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import type { BucketSide, FoundVersion, Side } from "./inventory";

/** Far above any real manifest (a thousand packs are half a MiB); protects memory from a foreign object. */
const MANIFEST_BYTES_LIMIT = 64 * 1024 * 1024;
const READ_AT_ONCE = 8;

export interface ManifestFacts {
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly replicationRegion: string | null;
  /** Every object that the snapshot needs, packs among them. */
  readonly keys: readonly string[];
  readonly packs: readonly string[];
}
export interface ManifestFound {
  readonly snapshotId: string;
  readonly sides: readonly Side[];
  readonly facts: ManifestFacts | null;
  /** What is wrong with it, as the rest of a sentence; null when it could be read. */
  readonly problem: string | null;
}

export async function readManifests(
  environmentId: string,
  inventory: readonly FoundVersion[],
  snapshots: ReadonlyMap<string, SnapshotItem>,
  sides: readonly BucketSide[],
): Promise<readonly ManifestFound[]> {
  const versions = new Map<string, FoundVersion[]>();
  for (const version of inventory) {
    if (version.what.kind !== "manifest" || version.isDeleteMarker) continue;
    versions.set(version.what.snapshotId, [...(versions.get(version.what.snapshotId) ?? []), version]);
  }
  const found: ManifestFound[] = [];
  const standing = [...versions];
  for (let start = 0; start < standing.length; start += READ_AT_ONCE) {
    found.push(
      ...(await Promise.all(
        standing
          .slice(start, start + READ_AT_ONCE)
          .map(([snapshotId, ofOne]) => readOne(environmentId, snapshotId, ofOne, snapshots.get(snapshotId), sides)),
      )),
    );
  }
  return found;
}

async function readOne(
  environmentId: string,
  snapshotId: string,
  versions: readonly FoundVersion[],
  item: SnapshotItem | undefined,
  sides: readonly BucketSide[],
): Promise<ManifestFound> {
  const standing = { snapshotId, sides: [...new Set(versions.map((version) => version.side))] };
  const problem = (text: string): ManifestFound => ({ ...standing, facts: null, problem: text });
  const chosen = choose(versions, item);
  const side = sides.find((one) => one.side === chosen?.side);
  if (chosen === undefined || side === undefined) return problem("is not the version that the catalog recorded");
  try {
    const body = await readBytes(side, { bucket: side.bucket, key: chosen.key, versionId: chosen.versionId });
    if (item?.manifest && createHash("sha256").update(body).digest("hex") !== item.manifest.sha256) {
      return problem("does not have the checksum that the catalog recorded");
    }
    const parsed = manifestSchema.safeParse(JSON.parse(body.toString("utf8")));
    if (!parsed.success) return problem("is not in the format of a manifest");
    const { data } = parsed;
    if (data.snapshotId !== snapshotId || data.environmentId !== environmentId)
      return problem("describes another snapshot");
    const packs = data.files.packs.map((pack) => pack.key);
    const keys = [chosen.key, ...objectsOf(data).map((entry) => entry.key)];
    return {
      ...standing,
      facts: {
        createdAt: data.createdAt,
        expiresAt: data.expiresAt,
        replicationRegion: data.replicationRegion,
        keys,
        packs,
      },
      problem: null,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return problem("is not JSON");
    if (error instanceof ObjectNotFound) return problem("was listed but can't be read");
    if (error instanceof ObjectDamaged || error instanceof AccessRefused)
      return problem(`can't be read (${error.message})`);
    throw error;
  }
}

/** On the primary the version that the catalog recorded, else the oldest; a later one can only be foreign. */
function choose(versions: readonly FoundVersion[], item: SnapshotItem | undefined): FoundVersion | undefined {
  const primary = versions.filter((version) => version.side === "primary");
  const recorded = item?.manifest?.versionId;
  if (primary.length > 0 && recorded !== undefined) return primary.find((version) => version.versionId === recorded);
  return primary.at(-1) ?? versions.at(-1);
}

async function readBytes(side: BucketSide, ref: VersionRef): Promise<Buffer> {
  const content = await side.store.get(ref);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content.body) {
    size += piece.length;
    if (size > MANIFEST_BYTES_LIMIT) throw new ObjectDamaged(`larger than ${MANIFEST_BYTES_LIMIT} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
