/**
 * Reads the streamed pieces of an archive, in order: one sequential GET an object, read on over short stretches that
 * are not wanted. An object whose wanted bytes are all read here, from the first to the last, is inflated on the way
 * and checked against the file index. Only reads.
 */
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { readRange } from "../pack/ranged-read";
import { SequentialReader } from "../pack/segment-copier";
import { findReplica } from "../storage/replicas";
import type { ObjectRef, ObjectStore } from "../storage/object-store";
import { StorageError, StoreUnavailable } from "../storage/storage-errors";
import { InflateCheck } from "./inflate-check";
import type { Source } from "./layout";
import type { SourcePiece } from "./part-plan";

/** Unwanted bytes up to this many are read through; beyond, a new request is cheaper. */
const SKIP_BYTES = 8 * 1024 ** 2;

/** The primary bucket's object is missing, refused or damaged: its replica may still serve. */
export class SourceUnreadable extends Error {
  override name = "SourceUnreadable";
  constructor(
    readonly source: Source,
    cause: unknown,
  ) {
    super(`The object ${source.entry.key} can't be read as it was stored: ${messageOf(cause)}`, { cause });
  }
}

type StreamCollaborators = Pick<Collaborators, "store" | "replicaStore" | "formerReplicas" | "settings">;

export class SourceStream {
  private open: { readonly source: Source; readonly reader: SequentialReader } | undefined;
  private check: InflateCheck | undefined;

  constructor(
    private readonly collaborators: StreamCollaborators,
    /** Keys of objects that are read from the replica bucket. */
    private readonly fromReplica: ReadonlySet<string>,
  ) {}

  /** The piece's bytes. Throws SourceUnreadable, or SnapshotDamaged where the replica is no better. */
  async *read(piece: SourcePiece): AsyncGenerator<Uint8Array> {
    const { source, first, last, endsHere } = piece;
    try {
      const reader = await this.readerFor(piece);
      const check = this.checkFor(piece);
      for await (const chunk of reader.read(first, last - first + 1)) {
        await check?.write(chunk);
        yield chunk;
      }
      if (endsHere === true) {
        // The next piece lies behind what is copied, and the rest of a segment can't be inflated without its beginning.
        await this.close();
        this.dropCheck();
      }
      if (last + 1 === source.end) {
        await this.close();
        await this.check?.finish();
        this.check = undefined;
      }
    } catch (error) {
      await this.close();
      throw this.judged(source, error);
    }
  }

  private dropCheck(): void {
    this.check?.abandon();
    this.check = undefined;
  }

  async close(): Promise<void> {
    await this.open?.reader.close();
    this.open = undefined;
  }

  private async readerFor({ source, first, last, endsHere }: SourcePiece): Promise<SequentialReader> {
    const gap = first - (this.open?.reader.position ?? 0);
    if (this.open?.source === source && gap >= 0 && gap <= SKIP_BYTES) return this.open.reader;
    await this.close();
    const { store, ref } = await this.placeOf(source);
    const end = endsHere === true ? last : source.end - 1;
    const reader = new SequentialReader(readRange(store, ref, first, end), first);
    this.open = { source, reader };
    return reader;
  }

  private async placeOf({ entry }: Source): Promise<{ store: ObjectStore; ref: ObjectRef }> {
    const { store, settings } = this.collaborators;
    const { key, versionId } = entry;
    if (!this.fromReplica.has(key)) return { store, ref: { bucket: settings.PRIMARY_BUCKET, key, versionId } };
    return findReplica(key, this.collaborators);
  }

  /** Goes on only from the object's first wanted byte, without anything left out. */
  private checkFor({ source, first }: SourcePiece): InflateCheck | undefined {
    const [run] = source.runs;
    if (run?.first === first) {
      this.dropCheck();
      this.check = new InflateCheck(source);
    }
    if (this.check === undefined || this.check.source !== source) return undefined;
    return this.check;
  }

  private judged(source: Source, error: unknown): unknown {
    this.dropCheck();
    if (!(error instanceof StorageError) || error instanceof StoreUnavailable) return error;
    if (!this.fromReplica.has(source.entry.key)) return new SourceUnreadable(source, error);
    return snapshotDamaged(source, error);
  }
}

export const snapshotDamaged = ({ entry }: Pick<Source, "entry">, cause: unknown): ServiceFailure =>
  new ServiceFailure(
    "SnapshotDamaged",
    `The snapshot is damaged: its object ${entry.key} can be read in no region ` +
      `(${messageOf(cause).replace(/\.$/, "")}): choose another snapshot.`,
    false,
    { cause },
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
