/** What S3's own replication does between two buckets in memory; tests call it when they want it to have happened. */
import type { MemoryBucket, MemoryVersion } from "./memory-bucket";

/** Which copy of a version stands in which bucket. */
const replicas = new WeakMap<MemoryVersion, Map<MemoryBucket, MemoryVersion>>();

/** Every version of `source` under `prefix` that `target` lacks, oldest first; later extensions of locks too. */
export const replicate = (source: MemoryBucket, target: MemoryBucket, prefix: string): void => {
  for (const version of source.versions().toReversed()) {
    if (version.isDeleteMarker || !version.key.startsWith(prefix)) continue;
    const twin = replicas.get(version)?.get(target);
    if (twin === undefined) {
      const { versionId: _own, sequence: _sequence, ...rest } = version;
      const known = replicas.get(version) ?? new Map<MemoryBucket, MemoryVersion>();
      replicas.set(version, known.set(target, target.add({ ...rest, replicationStatus: "REPLICA" })));
    } else if (version.lock !== undefined && (twin.lock === undefined || twin.lock.until < version.lock.until)) {
      twin.lock = version.lock;
    }
    version.replicationStatus = "COMPLETED";
  }
};
