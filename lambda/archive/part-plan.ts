/**
 * Cuts a layout into the parts of a multipart upload: long runs are copied by S3 itself, the rest is streamed through
 * memory. A streamed part that would be too small borrows bytes from the run that is copied after it. Pure; the same
 * layout and limits always give the same parts, so that an upload can go on where it stopped.
 */
import type { Layout, Source } from "./layout";

const MIB = 1024 ** 2;

export interface PartLimits {
  /** S3's: the smallest part but the last. */
  readonly smallestPart: number;
  /** S3's: ranges can be copied only from objects larger than this. */
  readonly smallestSource: number;
  /** A run is copied from this length on; never below `smallestPart`. */
  readonly copiedRun: number;
  /** The longest copy, so that many go on at once; S3 takes 5 GiB. At least twice `smallestPart`. */
  readonly largestCopy: number;
  /** Size of streamed parts, which are held in memory. Never below `smallestPart`. */
  readonly streamedPart: number;
  /** S3's. */
  readonly mostParts: number;
}
/** 10,000 streamed parts hold 120 GB; beyond, `fittingLimits` makes them larger. */
export const PART_LIMITS: PartLimits = {
  smallestPart: 5 * MIB,
  smallestSource: 5 * MIB,
  copiedRun: 5 * MIB,
  largestCopy: 1024 * MIB,
  streamedPart: 12 * MIB,
  mostParts: 10_000,
};

/** Bytes of an object, both inclusive. */
export interface SourcePiece {
  readonly source: Source;
  readonly first: number;
  readonly last: number;
  /** What comes next of this object is copied: nothing more is read of it here. */
  readonly endsHere?: true;
}
export type Piece = Buffer | SourcePiece;
export type Part =
  | { readonly kind: "copy"; readonly source: Source; readonly first: number; readonly last: number }
  | { readonly kind: "stream"; readonly pieces: readonly Piece[]; readonly bytes: number };

export const isLiteral = (piece: Piece): piece is Buffer => Buffer.isBuffer(piece);
export const bytesOf = (piece: Piece): number => (isLiteral(piece) ? piece.length : piece.last - piece.first + 1);

/** Whether S3 may copy from this object; a replica's bytes come from another region and are streamed. */
export type MayCopy = (source: Source) => boolean;

export function* planParts(layout: Layout, limits: PartLimits, mayCopy: MayCopy): Generator<Part> {
  let pieces: Piece[] = [];
  let bytes = 0;
  const take = function* (piece: Piece): Generator<Part> {
    for (let rest: Piece | undefined = piece; rest !== undefined;) {
      const [head, tail]: readonly [Piece, Piece | undefined] = cut(rest, limits.streamedPart - bytes);
      pieces.push(head);
      bytes += bytesOf(head);
      if (bytes === limits.streamedPart) yield flush();
      rest = tail;
    }
  };
  const flush = (): Part => {
    const part: Part = { kind: "stream", pieces, bytes };
    pieces = [];
    bytes = 0;
    return part;
  };
  for (const item of layout.items) {
    if (isLiteral(item as Piece)) {
      yield* take(item as Buffer);
      continue;
    }
    const source = item as Source;
    const copyable = mayCopy(source) && source.entry.size > limits.smallestSource;
    for (const { first, length } of source.runs) {
      const borrowed = bytes === 0 ? 0 : Math.max(0, limits.smallestPart - bytes);
      if (!copyable || length - borrowed < limits.copiedRun) {
        yield* take({ source, first, last: first + length - 1 });
        continue;
      }
      if (borrowed > 0) {
        pieces.push({ source, first, last: first + borrowed - 1, endsHere: true });
        bytes += borrowed;
      }
      if (bytes > 0) yield flush();
      yield* copies(source, first + borrowed, length - borrowed, limits.largestCopy);
    }
  }
  if (bytes > 0) yield flush();
}

/** Equal copies, so that the last one is not too small. */
function* copies(source: Source, first: number, length: number, largest: number): Generator<Part> {
  const count = Math.ceil(length / largest);
  const each = Math.ceil(length / count);
  for (let at = 0; at < length; at += each)
    yield { kind: "copy", source, first: first + at, last: first + Math.min(at + each, length) - 1 };
}

const cut = (piece: Piece, room: number): readonly [Piece, Piece | undefined] => {
  if (bytesOf(piece) <= room) return [piece, undefined];
  if (isLiteral(piece)) return [piece.subarray(0, room), piece.subarray(room)];
  const { source, first, last } = piece;
  return [
    { source, first, last: first + room - 1 },
    { source, first: first + room, last },
  ];
};

export const countParts = (layout: Layout, limits: PartLimits, mayCopy: MayCopy): number => {
  let count = 0;
  for (const _part of planParts(layout, limits, mayCopy)) count++;
  return count;
};

/** Larger parts, and only longer runs copied, until the upload may have as many parts as it needs. */
export const fittingLimits = (layout: Layout, limits: PartLimits, mayCopy: MayCopy): PartLimits => {
  let fitting = limits;
  while (countParts(layout, fitting, mayCopy) > limits.mostParts) {
    fitting = { ...fitting, copiedRun: 2 * fitting.copiedRun, streamedPart: 2 * fitting.streamedPart };
  }
  return fitting;
};
