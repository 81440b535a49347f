/**
 * Puts an archive together from its parts: copies go on several at once, streamed parts are filled one after another.
 * Parts count as done in their order, so that progress is a number. Nothing is visible before the upload is completed;
 * a failure leaves an upload that the progress names, or that is swept.
 */
import { crc32 } from "node:zlib";
import { crc32Combine } from "../pack/gzip";
import type { Collaborators } from "../runtime/collaborators";
import { crc32FromBase64, crc32ToBase64 } from "../storage/crc32-text";
import type { ObjectRef, PartResult } from "../storage/object-store";
import { StorageError, StoreUnavailable, UploadNotFound } from "../storage/storage-errors";
import type { BuildProgress } from "./build-progress";
import type { Layout, Source } from "./layout";
import { bytesOf, isLiteral, planParts, type MayCopy, type Part, type PartLimits } from "./part-plan";
import { isAsStored, pass } from "./passing-sum";
import { SourceUnreadable, type SourceStream } from "./source-stream";

/** Copies on their way at once. */
const COPIES_AT_ONCE = 8;
/** Streamed parts in memory besides the one that is being filled: 24 MiB in all. */
const STREAMS_AT_ONCE = 1;
/** Kept for ending what is on its way (a copy of 1 GiB, at 25 MB a second, takes 40 s), and for saving. */
const HAND_BACK_MS = 90_000;

export interface Assembly {
  readonly target: ObjectRef;
  readonly layout: Layout;
  readonly limits: PartLimits;
  readonly mayCopy: MayCopy;
  readonly stream: SourceStream;
  /** Called with the progress after each part, in order. */
  readonly onPart: (progress: BuildProgress) => Promise<void>;
}
type AssemblyCollaborators = Pick<Collaborators, "store" | "settings" | "remainingMs">;

/** S3 refused to copy: the object is unreadable, or copying is not possible here. */
export class CopyRefused extends Error {
  override name = "CopyRefused";
  constructor(
    readonly source: Source,
    cause: unknown,
  ) {
    super(`The object ${source.entry.key} can't be copied.`, { cause });
  }
}
/** The object went into the archive whole, with another checksum than the manifest's. */
export class SourceSuspected extends Error {
  override name = "SourceSuspected";
  constructor(readonly source: Source) {
    super(`The object ${source.entry.key} gave other bytes than were stored.`);
  }
}

/** What a part adds to an object's passing checksum, in order. */
interface Passed {
  readonly source: Source;
  readonly length: number;
  readonly crc32: number | null;
}
interface DonePart {
  readonly result: PartResult;
  readonly bytes: number;
  readonly passed: readonly Passed[];
}
interface UnderWay {
  readonly kind: Part["kind"];
  readonly done: Promise<DonePart>;
}

/** Ends when all parts are stored (`done`), or when the time is up (`more`). Throws what stops it. */
export const storeParts = async (
  collaborators: AssemblyCollaborators,
  assembly: Assembly,
  uploadId: string,
  start: BuildProgress,
): Promise<{ readonly outcome: "done" | "more"; readonly progress: BuildProgress }> => {
  const window: UnderWay[] = [];
  const stored = start.parts.length;
  let progress = start;
  const settle = async (): Promise<void> => {
    const next = window.shift();
    if (next === undefined) return;
    progress = withPart(progress, await next.done);
    await assembly.onPart(progress);
  };
  try {
    let number = 0;
    for (const part of planParts(assembly.layout, assembly.limits, assembly.mayCopy)) {
      if (++number <= stored) continue;
      // At least one part a call: a build that only plans would never end.
      if (number > stored + 1 && collaborators.remainingMs() < HAND_BACK_MS) {
        while (window.length > 0) await settle();
        return { outcome: "more", progress };
      }
      while (isFull(window, part.kind)) await settle();
      const sending = part.kind === "copy" ? part : await fill(assembly.stream, part);
      const done = send(collaborators, assembly, uploadId, number, sending);
      done.catch(() => undefined); // surfaces when its turn comes
      window.push({ kind: part.kind, done });
    }
    while (window.length > 0) await settle();
    return { outcome: "done", progress };
  } finally {
    await assembly.stream.close();
    // Nothing goes on behind the caller's back.
    await Promise.allSettled(window.map(({ done }) => done));
  }
};

const isFull = (window: readonly UnderWay[], kind: Part["kind"]): boolean =>
  window.length >= COPIES_AT_ONCE ||
  (kind === "stream" && window.filter((one) => one.kind === "stream").length >= STREAMS_AT_ONCE);

interface Filled {
  readonly kind: "filled";
  readonly body: Buffer;
  readonly passed: readonly Passed[];
}

/** A streamed part's bytes, in memory. */
export const fill = async (stream: SourceStream, part: Extract<Part, { kind: "stream" }>): Promise<Filled> => {
  const body = Buffer.allocUnsafeSlow(part.bytes);
  const passed: Passed[] = [];
  let filled = 0;
  for (const piece of part.pieces) {
    const begin = filled;
    if (isLiteral(piece)) {
      filled += piece.copy(body, filled);
      continue;
    }
    for await (const chunk of stream.read(piece)) {
      body.set(chunk, filled);
      filled += chunk.length;
    }
    const bytes = body.subarray(begin, filled);
    const last = passed[passed.length - 1];
    if (last?.source === piece.source) {
      const joined = { length: last.length + bytes.length, crc32: crc32(bytes, last.crc32 ?? 0) };
      passed[passed.length - 1] = { ...last, ...joined };
    } else {
      passed.push({ source: piece.source, length: bytesOf(piece), crc32: crc32(bytes) });
    }
  }
  return { kind: "filled", body, passed };
};

const send = async (
  { store, settings }: AssemblyCollaborators,
  { target }: Assembly,
  uploadId: string,
  number: number,
  part: Filled | Extract<Part, { kind: "copy" }>,
): Promise<DonePart> => {
  if (part.kind === "filled") {
    const { body, passed } = part;
    const result = await store.uploadPart(target, uploadId, number, body);
    return { result: { ...result, crc32: crc32ToBase64(crc32(body)) }, bytes: body.length, passed };
  }
  const { source, first, last } = part;
  const { key, versionId } = source.entry;
  const from = { bucket: settings.PRIMARY_BUCKET, key, versionId };
  try {
    const result = await store.uploadPartCopy(target, uploadId, number, from, [first, last]);
    const length = last - first + 1;
    return { result, bytes: length, passed: [{ source, length, crc32: crc32FromBase64(result.crc32) ?? null }] };
  } catch (error) {
    const isRefusal =
      error instanceof StorageError && !(error instanceof StoreUnavailable) && !(error instanceof UploadNotFound);
    throw isRefusal ? new CopyRefused(source, error) : error;
  }
};

const withPart = (progress: BuildProgress, { result, bytes, passed }: DonePart): BuildProgress => {
  let { passing } = progress;
  for (const one of passed) {
    passing = pass(passing, one.source, one.length, one.crc32);
    if (!isAsStored(passing, one.source)) throw new SourceSuspected(one.source);
  }
  return {
    ...progress,
    // Grows in place: 10,000 copies of 10,000 parts would be too many.
    parts: pushed(progress.parts, [result.etag, result.crc32 ?? null]),
    bytes: progress.bytes + bytes,
    passing,
  };
};

const pushed = <T>(array: T[], item: T): T[] => {
  array.push(item);
  return array;
};

export const partResults = ({ parts }: BuildProgress): readonly PartResult[] =>
  parts.map(([etag, sum], at) => ({ partNumber: at + 1, etag, ...(sum === null ? {} : { crc32: sum }) }));

/** The CRC-32 of the whole archive, base64; undefined where a part's is unknown. `sizes` are the parts'. */
export const wholeSum = (progress: BuildProgress, sizes: Iterable<number>): string | undefined => {
  let sum = 0;
  let at = 0;
  for (const size of sizes) {
    const part = crc32FromBase64(progress.parts[at++]?.[1] ?? undefined);
    if (part === undefined) return undefined;
    sum = crc32Combine(sum, part, size);
  }
  return crc32ToBase64(sum);
};

export { SourceUnreadable };
