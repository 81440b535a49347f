/** Inflates segments and gzip objects as streams, with the damage that zlib finds turned into ObjectDamaged. */
import { pipeline } from "node:stream/promises";
import {
  constants,
  createGunzip,
  createInflate,
  createInflateRaw,
  inflateRawSync,
  type Gunzip,
  type Inflate,
  type InflateRaw,
} from "node:zlib";
import { ObjectDamaged } from "../storage/storage-errors";

const CHUNK = 64 * 1024;

/** A segment has no final block, so its end is the end of the input. */
export const inflateSegmentStream = (compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> =>
  through(compressed, createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK }), name);

export const gunzipStream = (compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> =>
  through(compressed, createGunzip({ chunkSize: CHUNK }), name);

/** What zlib wraps, as pg_dump compresses data. */
export const inflateStream = (compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> =>
  through(compressed, createInflate({ chunkSize: CHUNK }), name);

/** A whole segment in memory; more than `rawLength` bytes is damage. */
export function inflateSegment(compressed: Uint8Array, rawLength: number, name: string): Buffer {
  try {
    return inflateRawSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(rawLength, 1) });
  } catch (error) {
    throw damage(error, name);
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: Gunzip | Inflate | InflateRaw,
  name: string,
): AsyncGenerator<Uint8Array> {
  const piped = pipeline(source, transform);
  piped.catch(() => undefined); // surfaces from the iteration; leaving the loop early is no failure
  try {
    yield* transform as AsyncIterable<Uint8Array>;
    await piped;
  } catch (error) {
    throw damage(error, name);
  } finally {
    transform.destroy();
  }
}

/** zlib's errors have codes such as Z_DATA_ERROR; anything else is the source's own failure. */
function damage(error: unknown, name: string): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (!code.startsWith("Z_") && code !== "ERR_BUFFER_TOO_LARGE") return error;
  return new ObjectDamaged(`${name} can't be decompressed (${code}): its bytes are not those that were stored.`, {
    cause: error,
  });
}
