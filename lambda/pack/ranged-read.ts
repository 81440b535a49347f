/**
 * Reads a range of a stored object as one stream. When the connection breaks, or ends early, reading goes on at the
 * byte where it stopped; every reopening is one request. A slow reader may lose its connection many times.
 */
import type { ObjectRef, ObjectStore } from "../storage/object-store";
import { ObjectDamaged, RangeOutside, StoreUnavailable } from "../storage/storage-errors";

/** Tries without a single byte, after which the store counts as unavailable. */
const FRUITLESS_TRIES = 4;

/** Bytes `first` to `last` inclusive. Throws ObjectDamaged when the object is shorter, StoreUnavailable in the end. */
export async function* readRange(
  store: ObjectStore,
  ref: ObjectRef,
  first: number,
  last: number,
): AsyncGenerator<Uint8Array> {
  let position = first;
  let etag: string | undefined;
  for (let fruitless = 0; position <= last;) {
    const before = position;
    try {
      const content = await store.get(ref, {
        range: [position, last],
        // Without a version id only the ETag says that it is still the same object.
        ...(etag === undefined || ref.versionId !== undefined ? {} : { ifMatch: etag }),
      });
      etag = content.etag;
      for await (const chunk of content.body) {
        if (position + chunk.length > last + 1)
          throw new ObjectDamaged(`The object "${ref.key}" gave more bytes than it was asked for.`);
        position += chunk.length;
        yield chunk;
      }
      if (position <= last) throw new StoreUnavailable(`The connection that read "${ref.key}" ended early.`);
    } catch (error) {
      if (error instanceof RangeOutside) {
        throw new ObjectDamaged(`The object "${ref.key}" has fewer bytes than the ${last + 1} it was stored with.`, {
          cause: error,
        });
      }
      fruitless = position > before ? 0 : fruitless + 1;
      if (!isBrokenConnection(error) || fruitless >= FRUITLESS_TRIES) throw error;
    }
  }
}

/** The store's word that it is unavailable, or an error of the transport itself: worth another try. */
export const isBrokenConnection = (error: unknown): boolean =>
  error instanceof StoreUnavailable ||
  (error instanceof Error && "code" in error && TRANSPORT_CODES.test(String(error.code)));
const TRANSPORT_CODES = /^(ECONN|EPIPE|ETIMEDOUT|ENET|EHOST|EAI_|ERR_STREAM_PREMATURE_CLOSE)/;

/** Closes a body that nobody will read. Iterating is what opens it for closing; errors no longer matter. */
export async function abandon(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _chunk of body) break;
  } catch {
    // It was to be given up anyway.
  }
}
