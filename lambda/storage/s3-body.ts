/**
 * The bytes of a GetObject answer. A connection that breaks, stalls or ends early is StoreUnavailable, never a short
 * object; leaving the loop early closes the connection.
 */
import type { Readable } from "node:stream";
import { toStorageError, type Attempted } from "./s3-errors";
import { StoreUnavailable } from "./storage-errors";

export async function* checkedBody(
  stream: Readable,
  expected: number | undefined,
  attempted: Attempted,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  // Only while we wait for the server: a slow reader is not its fault.
  const stalled = (): void => void stream.destroy(new Error(`nothing arrived for ${idleMs} ms`));
  let timer = setTimeout(stalled, idleMs);
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      read += piece.length;
      yield piece;
      timer = setTimeout(stalled, idleMs);
    }
  } catch (error) {
    throw toStorageError(error, attempted);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
  if (expected !== undefined && read !== expected) {
    throw new StoreUnavailable(
      `${attempted.action} of ${attempted.key} in the bucket ${attempted.bucket} ended after ${read} of ${expected} bytes.`,
    );
  }
}
