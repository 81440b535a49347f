/**
 * Writes and reads objects of gzipped JSON lines, one key a line, strictly increasing in UTF-8 byte order: parts of
 * the file index, list segments, and the lists of a restore. Nothing is stored before `finish`.
 */
import { createHash } from "node:crypto";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { StoredObjectEntry } from "../snapshot/manifest";
import type { Lock, ObjectStore } from "../storage/object-store";
import { ObjectUpload } from "../storage/object-upload";
import { ObjectDamaged } from "../storage/storage-errors";
import { gunzipStream } from "./inflate";
import { compareKeys, isWellFormed } from "./key-order";
import { readRange } from "./ranged-read";

export interface Keyed {
  readonly key: string;
}
/** A stored object of lines, with what is needed to find a key and to notice damage. */
export interface StoredLines extends StoredObjectEntry {
  readonly lines: number;
  readonly firstKey: string | null;
  readonly lastKey: string | null;
}
export interface LinesTarget {
  readonly bucket: string;
  readonly key: string;
  readonly lock?: Lock;
}

const BATCH_BYTES = 128 * 1024;
/** A key is at most 1,024 bytes and a marker a few more; a longer line is damage (or a bomb). */
const LONGEST_LINE = 64 * 1024;

export class LinesWriter<T extends Keyed> {
  lines = 0;
  firstKey: string | null = null;
  lastKey: string | null = null;
  private readonly upload: ObjectUpload;
  private readonly gzip = createGzip();
  private compressed: Uint8Array[] = [];
  private batch: string[] = [];
  private batchLength = 0;

  constructor(
    store: ObjectStore,
    private readonly target: LinesTarget,
  ) {
    this.upload = new ObjectUpload(store, { ...target, contentType: "application/gzip" });
    this.gzip.on("data", (chunk: Uint8Array) => this.compressed.push(chunk));
  }

  /** Gives a promise only when it must be waited for: there may be millions of lines. Throws RangeError on disorder. */
  add(line: T): Promise<void> | undefined {
    if (this.lastKey !== null && compareKeys(this.lastKey, line.key) >= 0) {
      throw new RangeError(
        `The key "${line.key}" comes after "${this.lastKey}" in "${this.target.key}", which is not byte order.`,
      );
    }
    if (!isWellFormed(line.key)) throw new RangeError(`The key ${JSON.stringify(line.key)} is not Unicode text.`);
    this.firstKey ??= line.key;
    this.lastKey = line.key;
    this.lines++;
    const text = JSON.stringify(line);
    this.batch.push(text);
    this.batchLength += text.length + 1;
    return this.batchLength < BATCH_BYTES ? undefined : this.compressBatch();
  }

  async finish(): Promise<StoredLines> {
    if (this.batch.length > 0) await this.compressBatch();
    this.gzip.end();
    await finished(this.gzip);
    await this.pass();
    const { lines, firstKey, lastKey } = this;
    return { ...(await this.upload.finish()), lines, firstKey, lastKey };
  }

  async abort(): Promise<void> {
    this.gzip.destroy();
    await this.upload.abort();
  }

  private async compressBatch(): Promise<void> {
    const text = `${this.batch.join("\n")}\n`;
    this.batch = [];
    this.batchLength = 0;
    await new Promise<void>((resolve, reject) => {
      this.gzip.write(text, (error) => (error ? reject(error) : resolve()));
    });
    await this.pass();
  }

  private async pass(): Promise<void> {
    const chunks = this.compressed;
    this.compressed = [];
    for (const chunk of chunks) await this.upload.write(chunk);
  }
}

/** Which keys to read: from inclusive, after and to exclusive; null or absent is no bound. */
export interface ReadRange {
  readonly from?: string | null;
  readonly after?: string | null;
  readonly to?: string | null;
}

/**
 * The lines of sorted objects, in batches, only from objects that overlap the range. Each object that is opened is
 * read and verified to its end (size, SHA-256, order, count), unless the reader leaves early. `check` says what is
 * wrong with a line. Throws ObjectDamaged with a sentence that names the object; ObjectNotFound; StoreUnavailable.
 */
export async function* readLines<T extends Keyed>(
  store: ObjectStore,
  bucket: string,
  objects: readonly StoredLines[],
  range: ReadRange,
  check: (line: T) => string | undefined,
): AsyncGenerator<T[]> {
  let previous: string | null = null;
  for (const object of objects) {
    if (object.firstKey === null || object.lastKey === null || !overlaps(object, range)) continue;
    for await (const batch of objectLines<T>(store, bucket, object, previous, check)) {
      previous = batch[batch.length - 1]?.key ?? previous;
      const wanted = within(batch, range);
      if (wanted.length > 0) yield wanted;
    }
  }
}

async function* objectLines<T extends Keyed>(
  store: ObjectStore,
  bucket: string,
  object: StoredLines,
  before: string | null,
  check: (line: T) => string | undefined,
): AsyncGenerator<T[]> {
  const name = `The object "${object.key}"`;
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    const ref = { bucket, key: object.key, versionId: object.versionId };
    for await (const chunk of readRange(store, ref, 0, object.size - 1)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  let count = 0;
  let previous = before;
  for await (const texts of textLines(gunzipStream(hashed(), name), name)) {
    const batch: T[] = [];
    for (const text of texts) {
      const line = parse<T>(text, ++count, name);
      const wrong =
        check(line) ??
        (previous === null || compareKeys(previous, line.key) < 0 ? undefined : "it is not in key order");
      if (wrong !== undefined) throw new ObjectDamaged(`${name} is damaged: in line ${count} ${wrong}.`);
      previous = line.key;
      batch.push(line);
    }
    if (batch.length > 0) yield batch;
  }
  if (hash.digest("hex") !== object.sha256)
    throw new ObjectDamaged(`${name} is damaged: its SHA-256 is not what was stored.`);
  if (count !== object.lines || previous !== object.lastKey) {
    throw new ObjectDamaged(
      `${name} is damaged: it holds ${count} lines instead of ${object.lines}, or ends at another key.`,
    );
  }
}

/** Complete lines of each piece of text, without their line ends. */
async function* textLines(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    const end = all.lastIndexOf(0x0a);
    rest = Buffer.from(all.subarray(end + 1));
    if (rest.length > LONGEST_LINE)
      throw new ObjectDamaged(`${name} is damaged: it has a line of more than ${LONGEST_LINE} bytes.`);
    if (end > 0) yield all.toString("utf8", 0, end).split("\n");
  }
  if (rest.length > 0) throw new ObjectDamaged(`${name} is damaged: its last line has no end.`);
}

function parse<T extends Keyed>(text: string, number: number, name: string): T {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === "object" && line !== null && "key" in line && typeof line.key === "string") return line as T;
  } catch (error) {
    throw new ObjectDamaged(`${name} is damaged: line ${number} is not JSON.`, { cause: error });
  }
  throw new ObjectDamaged(`${name} is damaged: line ${number} has no key.`);
}

const overlaps = (object: StoredLines, { from = null, after = null, to = null }: ReadRange): boolean =>
  (from === null || compareKeys(object.lastKey ?? "", from) >= 0) &&
  (after === null || compareKeys(object.lastKey ?? "", after) > 0) &&
  (to === null || compareKeys(object.firstKey ?? "", to) < 0);

function within<T extends Keyed>(batch: T[], { from = null, after = null, to = null }: ReadRange): T[] {
  const first = batch[0];
  const last = batch[batch.length - 1];
  if (first === undefined || last === undefined) return batch;
  const inside = (key: string): boolean =>
    (from === null || compareKeys(key, from) >= 0) &&
    (after === null || compareKeys(key, after) > 0) &&
    (to === null || compareKeys(key, to) < 0);
  return inside(first.key) && inside(last.key) ? batch : batch.filter((line) => inside(line.key));
}
