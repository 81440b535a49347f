/**
 * Takes the head off a stream of a dump in custom format, and passes the dump on with another one: so what is restored or
 * handed out can differ from what is stored, while the data pass through as they are. Data have no places in a dump to a
 * pipe, so a head may grow or shrink. Memory: the head, at most `LONGEST_HEAD`.
 */
import { HeadIncomplete, parseToc, type Toc, TocUnreadable, writeToc } from "./toc";

/** A table of contents has about 500 bytes a table, index or function. */
export const LONGEST_HEAD = 64 * 1024 * 1024;
const FIRST_TRY = 64 * 1024;

export interface OpenedDump {
  readonly toc: Toc;
  /** What follows the head; to be read once. */
  readonly data: AsyncGenerator<Uint8Array>;
}

/** Reads the head. Throws TocUnreadable, and what `dump` throws; then `dump` has been closed. */
export async function openDump(dump: AsyncIterable<Uint8Array>): Promise<OpenedDump> {
  const chunks = dump[Symbol.asyncIterator]();
  try {
    const { toc, bytes } = await readHead(chunks);
    if (toc instanceof TocUnreadable) throw toc;
    return { toc, data: following(bytes.subarray(toc.length), chunks) };
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
}

/** The dump with the head that `edit` makes of its own. Throws as `openDump`. */
export async function* withHead(dump: AsyncIterable<Uint8Array>, edit: (toc: Toc) => Toc): AsyncGenerator<Uint8Array> {
  const chunks = dump[Symbol.asyncIterator]();
  try {
    const { toc, bytes } = await readHead(chunks);
    if (toc instanceof TocUnreadable) throw toc;
    yield writeToc(edit(toc));
    yield* following(bytes.subarray(toc.length), chunks);
  } finally {
    // Also where the consumer leaves before the data have begun.
    await chunks.return?.();
  }
}

/** The bytes of the head, none where it can't be read, and all that follows. Throws what `dump` throws. */
export async function splitHead(
  dump: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly data: AsyncGenerator<Uint8Array> }> {
  const chunks = dump[Symbol.asyncIterator]();
  const { toc, bytes } = await readHead(chunks);
  const length = toc instanceof TocUnreadable ? 0 : toc.length;
  return { head: bytes.subarray(0, length), data: following(bytes.subarray(length), chunks) };
}

/** Parsed again from its beginning each time the bytes have doubled: the work is at most twice the last try's. */
async function readHead(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ readonly toc: Toc | TocUnreadable; readonly bytes: Buffer }> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  let nextTry = FIRST_TRY;
  for (;;) {
    const next = await chunks.next();
    if (next.done !== true) {
      gathered.push(next.value);
      size += next.value.length;
      if (size < nextTry) continue;
    }
    const bytes = Buffer.concat(gathered);
    const toc = tryToc(bytes);
    if (toc !== undefined) return { toc, bytes };
    if (next.done === true)
      return { toc: new TocUnreadable("damaged", "its dump ends within its table of contents"), bytes };
    if (size >= LONGEST_HEAD)
      return {
        toc: new TocUnreadable("damaged", `its dump's table of contents is larger than ${LONGEST_HEAD} bytes`),
        bytes,
      };
    gathered = [bytes];
    nextTry = 2 * size;
  }
}

/** Undefined where more bytes are needed. */
const tryToc = (bytes: Buffer): Toc | TocUnreadable | undefined => {
  try {
    return parseToc(bytes);
  } catch (error) {
    if (error instanceof HeadIncomplete) return undefined;
    if (error instanceof TocUnreadable) return error;
    throw error;
  }
};

async function* following(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}
