/** One header block of a tar, read strictly: checksum, format, numbers. Pure. */
import { MAKE_AGAIN, quoted, UPLOAD_AGAIN, UploadRefused } from "./refusal";

export const BLOCK = 512;

export interface TarBlock {
  readonly name: string;
  readonly size: number;
  /** `0` is a file, `5` a directory, `x` and `g` extended headers, `L` a long name. */
  readonly type: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Undefined for a block of zeros. Throws UploadRefused. */
export function parseTarBlock(block: Buffer): TarBlock | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!hasItsChecksum(block))
    throw new UploadRefused("a header in its tar archive is damaged, or a size before it is wrong", UPLOAD_AGAIN);
  const type = block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0);
  const magic = block.toString("latin1", 257, 265);
  const isUstar = magic === "ustar\x0000";
  if (!isUstar && magic !== "ustar  \0" && /[^\0]/.test(magic))
    throw new UploadRefused("its tar archive is of an unknown format", "make it with GNU tar or bsdtar");
  const name = textOf(block.subarray(0, 100), "a name");
  // GNU's own format keeps other things where ustar has a name's beginning.
  const prefix = isUstar ? textOf(block.subarray(345, 500), "a name") : "";
  const path = prefix === "" ? name : `${prefix}/${name}`;
  return { name: path, size: sizeOf(block.subarray(124, 136), path), type };
}

/** Whether a block could be the first of a tar: for telling an archive from other files. */
export const hasItsChecksum = (block: Buffer): boolean => {
  if (block.length < BLOCK) return false;
  const said = /^[ 0]*([0-7]{1,7})[ \0]/.exec(block.toString("latin1", 148, 156))?.[1];
  if (said === undefined) return false;
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  return sum === Number.parseInt(said, 8);
};

/** A field up to its first zero, as text. */
export function textOf(field: Uint8Array, what: string): string {
  const end = field.indexOf(0);
  try {
    return decoder.decode(end === -1 ? field : field.subarray(0, end));
  } catch (cause) {
    throw new UploadRefused(`${what} in its tar archive is not UTF-8`, MAKE_AGAIN, { cause });
  }
}

/** Octal digits, or GNU's base 256 for sizes from 8 GiB. */
function sizeOf(field: Buffer, name: string): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    let size = first === 0x80 ? 0n : -1n;
    for (const byte of field.subarray(1)) size = size * 256n + BigInt(byte);
    if (size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) throw noSize(name);
    return Number(size);
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field.toString("latin1"))?.[1];
  if (digits === undefined) throw noSize(name);
  return Number.parseInt(digits, 8);
}

const noSize = (name: string): UploadRefused =>
  new UploadRefused(`the size of its entry ${quoted(name)} is no number of bytes`, MAKE_AGAIN);
