/**
 * The entries of a tar, one after another, read by tar-stream and checked around it: whatever two programs could
 * understand differently is refused, and so is what the parser would put up with. Memory: one chunk of the source and
 * headers of bounded length, whatever the archive claims.
 */
import type { ByteReader } from "./byte-reader";
import { checkPaxFields } from "./pax-fields";
import { MAKE_AGAIN, quoted, UPLOAD_AGAIN, UploadRefused } from "./refusal";
import { TarParser, type ParsedEntry } from "./tar-parser";

export interface TarEntry {
  /** As the archive has it. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly size: number;
  /** What the consumer leaves unread is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
const LONGEST_HEADER = 64 * 1024;
/** The size field has eleven octal digits; only larger sizes need another place. */
const LARGEST_USTAR_SIZE = 8 * 1024 ** 3 - 1;
/** POSIX's, GNU tar's, and the one before both. */
const FORMATS = new Set(["ustar\x0000", "ustar  \0", "\0".repeat(8)]);
const FROM_PLAIN_FILES = "make the archive again from plain files, without options such as --sparse";

/** Throws UploadRefused. Leaving the loop early leaves the reader where it is. */
export async function* tarEntries(reader: ByteReader): AsyncGenerator<TarEntry> {
  const parser = new TarParser();
  try {
    for (;;) {
      const parsed = await nextEntry(reader, parser);
      if (parsed === undefined) return await expectEnd(reader);
      const { name, isDirectory, size } = parsed;
      const end = reader.position + padded(size);
      const content = () => contentUntil(end, reader, parser, parsed);
      yield { name, isDirectory, size, content: content() };
      for await (const unread of content()) void unread;
    }
  } finally {
    parser.destroy();
  }
}

type CheckedEntry = Omit<TarEntry, "content"> & Omit<ParsedEntry, "header">;

/** Undefined once a block of zeros has been read in a header's place. */
async function nextEntry(reader: ByteReader, parser: TarParser): Promise<CheckedEntry | undefined> {
  for (let isExtended = false; ;) {
    const block = await reader.read(BLOCK);
    if (block.length < BLOCK)
      throw endsEarly(block.length === 0 ? "without an end-of-archive mark" : "within a header");
    if (isZeros(block)) {
      if (isExtended) throw endsEarly("before the entry that its last extended header announces");
      return undefined;
    }
    if (!FORMATS.has(block.toString("latin1", 257, 265)))
      throw new UploadRefused("its tar archive is of an unknown format", "make it with GNU tar or bsdtar");
    const parsed = await feedHeader(parser, block);
    if (parsed !== undefined) return checkedEntry(parsed, block);
    // The parser keeps the header for the entry that follows.
    const isForEveryEntry = typeOf(block) === "g";
    if (isExtended && !isForEveryEntry)
      throw new UploadRefused("its tar archive has two extended headers for one entry", MAKE_AGAIN);
    isExtended ||= !isForEveryEntry;
    await feedHeader(parser, await extendedHeader(reader, typeOf(block), sizeFieldOf(block)));
  }
}

/** PAX records or a long name, with the padding. */
async function extendedHeader(reader: ByteReader, type: string, size: number): Promise<Buffer> {
  if (type !== "x" && type !== "g" && type !== "L")
    throw new UploadRefused(`its tar archive has a header of the kind ${quoted(type)}`, FROM_PLAIN_FILES);
  // An empty one makes the parser take the next entry's content for it.
  if (!(size > 0 && size <= LONGEST_HEADER))
    throw new UploadRefused(
      `its tar archive has an extended header that is empty or has more than ${LONGEST_HEADER} bytes`,
      MAKE_AGAIN,
    );
  const bytes = await reader.read(padded(size));
  if (bytes.length < padded(size)) throw endsEarly("within an extended header");
  if (type !== "L") checkPaxFields(bytes.subarray(0, size), type === "g");
  else if (bytes[0] === 0) throw new UploadRefused("its tar archive has an empty long name", MAKE_AGAIN);
  return bytes;
}

async function feedHeader(parser: TarParser, bytes: Buffer): Promise<ParsedEntry | undefined> {
  try {
    return await parser.feed(bytes);
  } catch (cause) {
    const what = "a header in its tar archive is damaged, or a size in it or before it is wrong";
    throw new UploadRefused(what, UPLOAD_AGAIN, { cause });
  }
}

function checkedEntry({ header: { name, type, size, pax }, ...parsed }: ParsedEntry, block: Buffer): CheckedEntry {
  if (type !== "file" && type !== "directory" && type !== "contiguous-file") {
    const kind = type === null ? `of the unknown kind ${quoted(typeOf(block))}` : `a ${type.replace("-", " ")}`;
    throw new UploadRefused(`its tar archive holds ${quoted(name)}, ${kind}`, FROM_PLAIN_FILES);
  }
  if (size === null || !hasOneSize(size, block, pax?.["size"]))
    throw new UploadRefused(`its tar archive gives no size or two sizes for ${quoted(name)}`, MAKE_AGAIN);
  // Old archives mark a directory by its name alone.
  const isDirectory = type === "directory" || name.endsWith("/");
  if (isDirectory && size > 0)
    throw new UploadRefused(`its tar archive gives the directory ${quoted(name)} a size`, MAKE_AGAIN);
  return { ...parsed, name, size, isDirectory };
}

/** The parser reads numbers as far as they are some, and believes an extended header more than the entry's own. */
function hasOneSize(size: number, block: Buffer, extended: string | undefined): boolean {
  if (!Number.isSafeInteger(size) || (extended !== undefined && !/^\d+$/.test(extended))) return false;
  const isBase256 = block[124] === 0x80;
  return size === sizeFieldOf(block) || size > LARGEST_USTAR_SIZE || (isBase256 && extended === undefined);
}

/** What is left of an entry's content; the reader then stands at `end`, behind its padding. */
async function* contentUntil(
  end: number,
  reader: ByteReader,
  parser: TarParser,
  { content, complete, name }: CheckedEntry,
): AsyncGenerator<Uint8Array> {
  while (reader.position < end) {
    const piece = await reader.some(end - reader.position);
    if (piece.length === 0) throw endsEarly(`within ${quoted(name)}`);
    await parser.feed(piece);
    yield* content.splice(0);
  }
  await complete;
  yield* content.splice(0);
}

/** A second block of zeros, then nothing but zeros: programs fill their last record up with them. */
async function expectEnd(reader: ByteReader): Promise<void> {
  const second = await reader.peek(BLOCK);
  if (second.length < BLOCK) throw endsEarly("within its end-of-archive mark");
  const where = isZeros(second) ? "its end-of-archive mark" : "an empty header";
  for (;;) {
    const piece = await reader.some();
    if (piece.length === 0) return;
    if (!isZeros(piece)) throw new UploadRefused(`its tar archive goes on after ${where}`, MAKE_AGAIN);
  }
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;
const isZeros = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);
const typeOf = (block: Buffer): string => String.fromCharCode(block[156] ?? 0);
/** Octal digits, or not a number. */
const sizeFieldOf = (block: Buffer): number =>
  Number.parseInt(/^ *([0-7]+)[ \0]*$/.exec(block.toString("latin1", 124, 136))?.[1] ?? "", 8);
const endsEarly = (where: string): UploadRefused => new UploadRefused(`its tar archive ends ${where}`, UPLOAD_AGAIN);
