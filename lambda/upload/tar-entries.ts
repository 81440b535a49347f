/**
 * The entries of a tar, one after another, read strictly: whatever two programs could understand differently is
 * refused. Memory: one chunk of the source and headers of bounded length, whatever the archive claims.
 */
import type { ByteReader } from "./byte-reader";
import { parsePaxRecords, type PaxRecords } from "./pax-records";
import { MAKE_AGAIN, quoted, UPLOAD_AGAIN, UploadRefused } from "./refusal";
import { BLOCK, parseTarBlock, textOf, type TarBlock } from "./tar-block";

export interface TarEntry {
  /** As the archive has it. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
  /** What the consumer leaves unread is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

const LONGEST_HEADER = 64 * 1024;
/** The size field has eleven octal digits; only larger sizes need another place. */
const LARGEST_USTAR_SIZE = 8 * 1024 ** 3 - 1;
const REFUSED_KINDS: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "6": "a FIFO",
  K: "a link",
  S: "a sparse file",
  M: "the continuation of another archive's file",
  V: "a volume's label",
  D: "a directory's listing",
};

/** Throws UploadRefused. Leaving the loop early leaves the reader where it is. */
export async function* tarEntries(reader: ByteReader): AsyncGenerator<TarEntry> {
  for (;;) {
    const header = await nextEntry(reader);
    if (header === undefined) return;
    const { name, size, isDirectory } = header;
    const start = reader.position;
    yield { name, size, isDirectory, content: content(reader, size, name) };
    await passOver(reader, start + Math.ceil(size / BLOCK) * BLOCK - reader.position, name);
  }
}

interface Extension extends PaxRecords {
  readonly longName?: string;
}

async function nextEntry(
  reader: ByteReader,
): Promise<{ name: string; size: number; isDirectory: boolean } | undefined> {
  let extension: Extension | undefined;
  for (;;) {
    const block = await nextBlock(reader);
    if (block === undefined) {
      if (extension !== undefined) throw endsEarly("before the entry that its last extended header announces");
      await expectEnd(reader);
      return undefined;
    }
    const more = await extensionOf(block, reader, extension);
    if (more === undefined) return entryOf(block, extension ?? {});
    if (block.type !== "g") extension = { ...extension, ...more };
  }
}

async function nextBlock(reader: ByteReader): Promise<TarBlock | undefined> {
  const block = await reader.read(BLOCK);
  if (block.length === BLOCK) return parseTarBlock(block);
  throw endsEarly(block.length === 0 ? "without an end-of-archive mark" : "within a header");
}

/** What an extended header says of the entry after it; undefined when the block is an entry itself. */
async function extensionOf(
  { type, size, name }: TarBlock,
  reader: ByteReader,
  standing: Extension | undefined,
): Promise<Extension | undefined> {
  if (type !== "x" && type !== "g" && type !== "L") return undefined;
  if (size > LONGEST_HEADER)
    throw new UploadRefused(`its tar archive has an extended header of ${size} bytes`, MAKE_AGAIN);
  const bytes = await reader.read(size);
  if (bytes.length < size) throw endsEarly("within an extended header");
  const held = Buffer.from(bytes);
  await passOver(reader, Math.ceil(size / BLOCK) * BLOCK - size, name);
  if (type === "L") {
    if (standing !== undefined) throw twice();
    return { longName: textOf(held, "a long name") };
  }
  const records = parsePaxRecords(held);
  if (type === "x") {
    if (standing !== undefined) throw twice();
    return records;
  }
  if (records.path !== undefined || records.size !== undefined)
    throw new UploadRefused("its tar archive has a path or a size that is to hold for every entry", MAKE_AGAIN);
  return {};
}

function entryOf(block: TarBlock, { path, longName, size }: Extension) {
  const name = path ?? longName ?? block.name;
  const kind = REFUSED_KINDS[block.type];
  if (kind !== undefined)
    throw new UploadRefused(
      `its tar archive holds ${kind}, ${quoted(name)}`,
      "make the archive again from plain files",
    );
  if (block.type !== "0" && block.type !== "5" && block.type !== "7")
    throw new UploadRefused(
      `its tar archive holds ${quoted(name)}, which is no file`,
      "make the archive again from plain files",
    );
  if (size !== undefined && size !== block.size && size <= LARGEST_USTAR_SIZE)
    throw new UploadRefused(
      `its tar archive gives two sizes for ${quoted(name)}, ${block.size} and ${size}`,
      MAKE_AGAIN,
    );
  // Old archives mark a directory by its name alone.
  const isDirectory = block.type === "5" || name.endsWith("/");
  if (isDirectory && block.size > 0)
    throw new UploadRefused(`its tar archive gives the directory ${quoted(name)} a size`, MAKE_AGAIN);
  return { name, size: size ?? block.size, isDirectory };
}

async function* content(reader: ByteReader, size: number, name: string): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of reader.pass(size)) {
    read += piece.length;
    yield piece;
  }
  if (read < size) throw endsEarly(`within ${quoted(name)}`);
}

async function passOver(reader: ByteReader, bytes: number, name: string): Promise<void> {
  let passed = 0;
  for await (const piece of reader.pass(bytes)) passed += piece.length;
  if (passed < bytes) throw endsEarly(`within ${quoted(name)}`);
}

/** A second block of zeros, then nothing but zeros: programs fill their last record up with them. */
async function expectEnd(reader: ByteReader): Promise<void> {
  if ((await reader.peek(BLOCK)).length < BLOCK) throw endsEarly("within its end-of-archive mark");
  for (let first = true; ; first = false) {
    const piece = await reader.some();
    if (piece.length === 0) return;
    if (piece.every((byte) => byte === 0)) continue;
    const where =
      first && piece.subarray(0, BLOCK).some((byte) => byte !== 0) ? "an empty header" : "its end-of-archive mark";
    throw new UploadRefused(`its tar archive goes on after ${where}`, MAKE_AGAIN);
  }
}

const endsEarly = (where: string): UploadRefused => new UploadRefused(`its tar archive ends ${where}`, UPLOAD_AGAIN);
const twice = (): UploadRefused =>
  new UploadRefused("its tar archive has two extended headers for one entry", MAKE_AGAIN);
