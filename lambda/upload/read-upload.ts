/**
 * Reads an upload from beginning to end and gives a visitor what is in it. The two passes over an upload, the one that
 * examines it and the one that stores it, differ in their visitors only. Reads only; nothing is kept in memory.
 */
import { readRange } from "../pack/ranged-read";
import type { ObjectStore } from "../storage/object-store";
import { ByteReader } from "./byte-reader";
import { LARGEST_METADATA } from "./archive-metadata";
import { meaningOf } from "./entry-names";
import { gunzipUpload } from "./gzip-source";
import { MAKE_AGAIN, UploadRefused } from "./refusal";
import { tarEntries, type TarEntry } from "./tar-entries";
import { START_BYTES } from "./first-bytes";
import { acceptedContents, acceptedFile } from "./upload-kind";

export interface StoredUpload {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}
export interface UploadVisitor {
  metadata(bytes: Uint8Array): void | Promise<void>;
  /** Reads the content to its end. */
  dump(content: AsyncIterable<Uint8Array>): Promise<void>;
  file(key: string, size: number, content: AsyncIterable<Uint8Array>): void | Promise<void>;
}

/** Throws UploadRefused, and what reading objects throws. */
export async function readUpload(
  { store, bucket, key, size }: StoredUpload,
  visitor: UploadVisitor,
  signal: AbortSignal,
): Promise<void> {
  const from = (position: number) => interruptible(readRange(store, { bucket, key }, position, size - 1), signal);
  const file = new ByteReader(from(0));
  let contents = file;
  try {
    if (acceptedFile(await file.peek(START_BYTES)) === "dump") return await visitor.dump(everything(file));
    contents = new ByteReader(gunzipUpload(everything(file), size, from));
    if (acceptedContents(await contents.peek(START_BYTES)) === "dump") await visitor.dump(everything(contents));
    else await visitArchive(contents, visitor);
  } finally {
    await contents.close();
    await file.close();
  }
}

async function visitArchive(contents: ByteReader, visitor: UploadVisitor): Promise<void> {
  const once = { metadata: 0, dump: 0 };
  let files = 0;
  for await (const entry of tarEntries(contents)) {
    const meaning = meaningOf(entry);
    if (meaning.is === "directory") continue;
    if (meaning.is === "file") {
      files++;
      await visitor.file(meaning.key, entry.size, entry.content);
      continue;
    }
    if (++once[meaning.is] > 1) throw new UploadRefused(`it holds ${NAMES[meaning.is]} twice`, MAKE_AGAIN);
    if (meaning.is === "dump") await visitor.dump(entry.content);
    else await visitor.metadata(await metadataOf(entry));
  }
  if (once.dump > 0) return;
  throw new UploadRefused(
    files > 0 ? "it holds files and no database dump" : "it holds no database dump",
    "upload a full snapshot or a database dump; files alone can only be downloaded",
  );
}

const NAMES = { metadata: ".metadata", dump: "db/db.backup" } as const;

async function metadataOf({ size, content }: TarEntry): Promise<Buffer> {
  if (size > LARGEST_METADATA)
    throw new UploadRefused(`its .metadata has ${size} bytes, more than ${LARGEST_METADATA}`, MAKE_AGAIN);
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* everything(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await reader.some();
    if (piece.length === 0) return;
    yield piece;
  }
}

/** The task's order to stop is heard between two pieces. */
async function* interruptible(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    signal.throwIfAborted();
    yield piece;
  }
}
