/**
 * Reads files from their source, ready to be packed: small ones as finished segments, large ones opened for
 * streaming. A small file whose bytes do not arrive as announced is read again from the start, so a half-read file
 * never becomes a segment.
 */
import { ServiceFailure } from "../runtime/collaborators";
import type { ObjectAttributes } from "../storage/object-attributes";
import { ObjectChanged, ObjectNotFound } from "../storage/storage-errors";
import type { IndexEntry } from "../snapshot/file-index";
import type { FileFacts, FileSource, OpenFile } from "./file-source";
import { abandon, isBrokenConnection } from "./ranged-read";
import { ContentSizeDiffers, fileSegment, type Segment } from "./segment";

/** Times that one file is read before the shard fails. */
export const READ_TRIES = 3;

export type ReadFile =
  | { readonly kind: "missing" }
  /** What was asked about is what the previous snapshot holds. */
  | { readonly kind: "same"; readonly attributes?: ObjectAttributes }
  | { readonly kind: "small"; readonly segment: Segment; readonly facts: FileFacts }
  /** The body is unread: stream it with `resumingBody`, or `abandon` it. */
  | { readonly kind: "large"; readonly opened: OpenFile; readonly facts: FileFacts };

/** Waits until there is memory for `size` bytes of this file; called again when it is read again. */
export type Room = (size: number) => Promise<void>;

export async function readFile(source: FileSource, key: string, smallFile: number, room: Room): Promise<ReadFile> {
  for (let tries = 1; ; tries++) {
    try {
      return await readOnce(source, key, smallFile, room);
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (tries >= READ_TRIES) throw unreadable(key, error);
    }
  }
}

/**
 * Asks what attributes a file has that the previous snapshot holds without saying so, and reads it if it is another file
 * now. One that is gone from its source is still held.
 */
export async function askAbout(
  source: FileSource,
  entry: IndexEntry,
  smallFile: number,
  room: Room,
): Promise<ReadFile> {
  try {
    const { etag, size, attributes } = await source.look(entry.key);
    if (etag !== entry.etag || size !== entry.size) return await readFile(source, entry.key, smallFile, room);
    await room(0);
    return { kind: "same", ...(attributes === undefined ? {} : { attributes }) };
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    await room(0);
    return { kind: "same" };
  }
}

async function readOnce(source: FileSource, key: string, smallFile: number, room: Room): Promise<ReadFile> {
  const opened = await openIfThere(source, key);
  if (opened === undefined) {
    await room(0);
    return { kind: "missing" };
  }
  const small = opened.size <= smallFile;
  try {
    await room(small ? opened.size : 0);
  } catch (error) {
    await abandon(opened.body);
    throw error;
  }
  const facts = factsOf(opened);
  if (!small) return { kind: "large", opened, facts };
  return { kind: "small", segment: await fileSegment(key, opened.size, opened.body), facts };
}

async function openIfThere(source: FileSource, key: string): Promise<OpenFile | undefined> {
  try {
    return await source.open(key);
  } catch (error) {
    if (error instanceof ObjectNotFound) return undefined;
    throw error;
  }
}

/** A large file changed while it was streamed: what has been written of it must be thrown away. */
export class FileChangedWhileRead extends Error {
  override name = "FileChangedWhileRead";
  constructor(
    readonly key: string,
    options: ErrorOptions,
  ) {
    super(`The file "${key}" changed while it was read.`, options);
  }
}

/**
 * The bytes of an opened file; a broken connection is resumed where it broke, from the same version. Throws
 * FileChangedWhileRead when that content is gone or longer or shorter than announced.
 */
export async function* resumingBody(source: FileSource, key: string, first: OpenFile): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let opened: OpenFile | undefined = first;
  for (let tries = 1; ; tries++) {
    const before = offset;
    try {
      opened ??= await source.open(key, { ...factsOf(first), offset });
      for await (const chunk of opened.body) {
        offset += chunk.length;
        if (offset > first.size) throw new ObjectChanged(`The file "${key}" gave more bytes than announced.`);
        yield chunk;
      }
      if (offset === first.size) return;
      throw new ContentSizeDiffers(`The file "${key}" ended after ${offset} of ${first.size} bytes.`);
    } catch (error) {
      if (offset === first.size && isBrokenConnection(error)) return;
      if (error instanceof ObjectChanged || error instanceof ObjectNotFound) {
        throw new FileChangedWhileRead(key, { cause: error });
      }
      if (!mayPass(error)) throw error;
      if (offset > before) tries = 0; // as long as it gets on
      if (tries >= READ_TRIES) throw unreadable(key, error);
      opened = undefined;
    }
  }
}

/** Gives up what was read but will not be packed. */
export const giveUp = async (file: ReadFile): Promise<void> => {
  if (file.kind === "large") await abandon(file.opened.body);
};

const factsOf = ({ body: _unread, ...facts }: OpenFile): FileFacts => facts;

const mayPass = (error: unknown): boolean =>
  error instanceof ContentSizeDiffers || error instanceof ObjectChanged || isBrokenConnection(error);

const unreadable = (key: string, error: unknown): ServiceFailure =>
  error instanceof ContentSizeDiffers || error instanceof ObjectChanged
    ? keepsChanging(key, error)
    : new ServiceFailure(
        "FileUnreadable",
        `The file "${key}" could not be read in ${READ_TRIES} tries: ${error instanceof Error ? error.message : String(error)}`,
        true,
        { cause: error },
      );

export const keepsChanging = (key: string, cause: unknown): ServiceFailure =>
  new ServiceFailure(
    "FileKeepsChanging",
    `The file "${key}" changed while it was read, ${READ_TRIES} times; back up again when it is not being written.`,
    true,
    { cause },
  );
