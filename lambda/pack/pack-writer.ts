/**
 * Writes one pack: gzip header, segments, end-of-archive, final block, trailer; a valid `.tar.gz` of one member.
 * Nothing is visible before `finish`; after `abort`, or a crash, nothing is stored but parts of an unfinished
 * upload, which are swept.
 */
import type { PackEntry } from "../snapshot/manifest";
import { packKey, type EnvironmentPlace } from "../storage/object-keys";
import type { Lock, ObjectStore } from "../storage/object-store";
import { ObjectUpload } from "../storage/object-upload";
import { EMPTY_SUM, END_SEGMENT, END_SUM, GZIP_HEADER, gzipEnd, joinSums, type RawSum } from "./gzip";
import type { Sink } from "./segment";

/** A pack is closed when the next segment would make it larger than this: 512 MiB. */
export const PACK_BYTES = 512 * 1024 * 1024;

export interface PackTarget {
  readonly bucket: string;
  readonly place: EnvironmentPlace;
  readonly packId: string;
  readonly lock: Lock;
}
export interface PlaceInPack {
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
}

export class PackWriter {
  private readonly upload: ObjectUpload;
  private sum: RawSum = EMPTY_SUM;
  private segments = 0;
  private segmentBytes = 0;

  constructor(
    store: ObjectStore,
    private readonly target: PackTarget,
  ) {
    this.upload = new ObjectUpload(store, {
      bucket: target.bucket,
      key: packKey(target.place, target.packId),
      lock: target.lock,
      contentType: "application/gzip",
    });
  }

  /** Bytes so far. */
  get size(): number {
    return this.upload.size;
  }

  async add(segment: RawSum & { readonly bytes: readonly Uint8Array[] }): Promise<PlaceInPack> {
    const { place } = await this.addStream(async (sink) => {
      for (const chunk of segment.bytes) await sink(chunk);
      return segment;
    });
    return place;
  }

  /** `produce` gives a segment's bytes to the sink and returns what it was. After it fails the pack must be aborted. */
  async addStream<T extends RawSum>(produce: (sink: Sink) => Promise<T>): Promise<{ place: PlaceInPack; facts: T }> {
    if (this.size === 0) await this.write(GZIP_HEADER);
    const offset = this.size;
    const facts = await produce((chunk) => this.write(chunk));
    const length = this.size - offset;
    this.sum = joinSums(this.sum, facts);
    this.segments++;
    this.segmentBytes += length;
    return { place: { pack: this.target.packId, offset, length }, facts };
  }

  async finish(): Promise<PackEntry> {
    await this.write(END_SEGMENT);
    await this.write(gzipEnd(joinSums(this.sum, END_SUM)));
    return {
      ...(await this.upload.finish()),
      packId: this.target.packId,
      segments: this.segments,
      liveSegments: this.segments,
      liveBytes: this.segmentBytes,
      lockedUntil: this.target.lock.until.toISOString(),
    };
  }

  abort(): Promise<void> {
    return this.upload.abort();
  }

  private write(chunk: Uint8Array): Promise<void> {
    return this.upload.write(chunk);
  }
}
