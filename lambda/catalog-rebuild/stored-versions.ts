/**
 * Every version that stands of an environment, by key, and which of them counts: of what is written once the recorded
 * one in the primary bucket and the oldest in a replica bucket; of a record the newest that can be read.
 */
import { type BucketSide, type FoundVersion, takeInventory } from "../retention/inventory";
import type { EnvironmentPlace } from "../storage/object-keys";
import type { VersionRef } from "../storage/object-store";

export interface StoredVersion extends FoundVersion {
  readonly home: BucketSide;
}

export class StoredVersions {
  private constructor(
    private readonly byKey: ReadonlyMap<string, readonly StoredVersion[]>,
    private readonly sides: readonly BucketSide[],
  ) {}

  /** A few dozen bytes an object; there are about as many objects as the environment has files divided by 10,000. */
  static async of(place: EnvironmentPlace, sides: readonly BucketSide[]): Promise<StoredVersions> {
    // What is not replicated is nowhere but in its own region.
    const asked = place.replication === "replicated" ? sides : sides.filter(({ side }) => side === "primary");
    return StoredVersions.from(await takeInventory(place, asked), asked);
  }

  static from(found: readonly FoundVersion[], sides: readonly BucketSide[]): StoredVersions {
    const byKey = new Map<string, StoredVersion[]>();
    for (const version of found) {
      const home = sides.find(({ side }) => side === version.side);
      if (version.isDeleteMarker || home === undefined) continue;
      const standing = byKey.get(version.key);
      if (standing === undefined) byKey.set(version.key, [{ ...version, home }]);
      else standing.push({ ...version, home });
    }
    return new StoredVersions(byKey, sides);
  }

  /** One version of every key. */
  *each(): Generator<StoredVersion> {
    for (const [first] of this.byKey.values()) if (first !== undefined) yield first;
  }

  /** Oldest on each side, in the order of the sides. */
  oldest(key: string): readonly StoredVersion[] {
    return this.sides.flatMap(({ side }) => this.on(key, side).slice(-1));
  }

  /** Newest of each side first, then what stood before, newest first. */
  newestFirst(key: string): readonly StoredVersion[] {
    const bySide = this.sides.map(({ side }) => this.on(key, side));
    return [...bySide.flatMap((versions) => versions.slice(0, 1)), ...bySide.flatMap((versions) => versions.slice(1))];
  }

  /** What a manifest's entry means on a side: the recorded version in the primary bucket, else the oldest. */
  counting(key: string, versionId: string, home: BucketSide): StoredVersion | undefined {
    const versions = this.on(key, home.side);
    return home.side === "primary"
      ? versions.find((version) => version.versionId === versionId)
      : versions[versions.length - 1];
  }

  private on(key: string, side: BucketSide["side"]): readonly StoredVersion[] {
    return (this.byKey.get(key) ?? []).filter((version) => version.side === side);
  }
}

export const refOf = ({ home, key, versionId }: StoredVersion): VersionRef => ({
  bucket: home.bucket,
  key,
  versionId,
});
