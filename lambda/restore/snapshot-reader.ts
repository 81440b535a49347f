/**
 * Reads a snapshot's objects from whichever region can give them (I1): the recorded version in the primary bucket, so
 * that a delete marker put over it does no harm; where that is missing or damaged, the oldest version of the key in
 * the replica bucket. A recovery reads replicas alone, and never asks the lost region. Only reads: a failure leaves
 * nothing behind.
 */
import { createHash } from "node:crypto";
import { readRange } from "../pack/ranged-read";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import type { StoredObjectEntry } from "../snapshot/manifest";
import type { ObjectStore, VersionRef } from "../storage/object-store";
import { ObjectDamaged, StorageError, StoreUnavailable } from "../storage/storage-errors";
import { findReplica } from "../storage/replicas";

/** One region's copy of an object. */
export interface Copy {
  readonly store: ObjectStore;
  readonly ref: VersionRef;
}
export type ReaderCollaborators = Pick<Collaborators, "store" | "replicaStore" | "formerReplicas" | "settings" | "log">;

/** Manifests are read whole; this service writes none that is larger. */
const WHOLE_OBJECT_BYTES = 64 * 1024 ** 2;

export class SnapshotReader {
  /** Keys of objects that the primary bucket could not give, with the reason. */
  readonly fromReplica = new Map<string, string>();
  private readonly replicas = new Map<string, Copy>();

  constructor(
    private readonly collaborators: ReaderCollaborators,
    /** Single-region snapshots have no replica. */
    private readonly replicated: boolean,
    /** A restore's own records are where it writes them, also in a recovery. */
    private readonly what: "snapshot" | "records" = "snapshot",
  ) {}

  /** The bytes of a small object, checked against its size and SHA-256. */
  whole(entry: StoredObjectEntry): Promise<Buffer> {
    return this.read(entry, async (copy) => {
      if (entry.size > WHOLE_OBJECT_BYTES)
        throw new ObjectDamaged(`The object ${entry.key} is too large for its kind.`);
      const bytes = await readBytes(copy, 0, entry.size - 1);
      if (createHash("sha256").update(bytes).digest("hex") !== entry.sha256) throw otherSha256(copy);
      return bytes;
    });
  }

  /** A copy of the object whose bytes have all been read and have the recorded SHA-256. */
  verified(entry: StoredObjectEntry): Promise<Copy> {
    return this.read(entry, async (copy) => {
      const sha256 = createHash("sha256");
      for await (const chunk of readRange(copy.store, copy.ref, 0, entry.size - 1)) sha256.update(chunk);
      if (sha256.digest("hex") !== entry.sha256) throw otherSha256(copy);
      return copy;
    });
  }

  /**
   * What `read` makes of the primary copy, else of the replica's. `read` throws a StorageError when the bytes are not
   * what they should be; it runs anew on the other copy, so its effects must be safe to repeat.
   */
  async read<T>(entry: Pick<StoredObjectEntry, "key" | "versionId">, read: (copy: Copy) => Promise<T>): Promise<T> {
    const { store, settings } = this.collaborators;
    const { key, versionId } = entry;
    const recovers = settings.RECOVERED_REGION !== undefined;
    if (recovers && this.what === "snapshot") return this.readReplica(key, read, []);
    try {
      return await read({ store, ref: { bucket: settings.PRIMARY_BUCKET, key, versionId } });
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      if (!this.replicated || recovers) throw damaged(key, [error]);
      this.tell(key, error);
      return this.readReplica(key, read, [error]);
    }
  }

  private async readReplica<T>(key: string, read: (copy: Copy) => Promise<T>, earlier: readonly unknown[]): Promise<T> {
    try {
      const copy = this.replicas.get(key) ?? (await findReplica(key, this.collaborators));
      this.replicas.set(key, copy);
      return await read(copy);
    } catch (error) {
      throw isUnreadable(error) ? damaged(key, [...earlier, error]) : error;
    }
  }

  private tell(key: string, error: unknown): void {
    if (this.fromReplica.has(key)) return;
    const reason = messageOf(error);
    this.fromReplica.set(key, reason);
    this.collaborators.log.error("An object of a snapshot is unreadable in the primary bucket: its replica is read.", {
      key,
      reason,
    });
  }
}

/** Missing, refused or damaged; but not a server that does not answer, which is worth waiting for. */
const isUnreadable = (error: unknown): boolean => error instanceof StorageError && !(error instanceof StoreUnavailable);

const damaged = (key: string, reasons: readonly unknown[]): ServiceFailure =>
  new ServiceFailure(
    "SnapshotDamaged",
    `The snapshot is damaged: its object ${key} can be read in ${reasons.length > 1 ? "neither region" : "its only region no longer"} ` +
      `(${reasons.map((reason) => messageOf(reason).replace(/\.$/, "")).join("; ")}): choose another snapshot.`,
    false,
    { cause: reasons[reasons.length - 1] },
  );

const otherSha256 = ({ ref }: Copy): ObjectDamaged =>
  new ObjectDamaged(`The SHA-256 of ${ref.key} in ${ref.bucket} is not the recorded one.`);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Bytes `first` to `last`, in memory; only their number has been checked. */
export const readBytes = async ({ store, ref }: Copy, first: number, last: number): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafeSlow(last - first + 1);
  let filled = 0;
  for await (const chunk of readRange(store, ref, first, last)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
};
