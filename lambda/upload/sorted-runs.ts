/**
 * Sorts any number of lines by key in bounded memory: windows of lines are sorted and written to local disk as runs,
 * which are merged. The folder is the caller's to remove, also after a failure.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { compareKeys } from "../pack/key-order";

export interface SortedRunsLimits {
  /** Lines held in memory. @default 50,000 */
  readonly lines?: number;
  /** Runs merged at once, each with an open file. @default 32 */
  readonly fanIn?: number;
}

const BATCH_LINES = 256;
const READ_BYTES = 16 * 1024;

export class SortedRuns<T extends { readonly key: string }> {
  count = 0;
  private window: T[] = [];
  /** `levels[n]` holds runs that were merged n times, so that no line is rewritten more often than that. */
  private readonly levels: string[][] = [];
  private files = 0;
  private readonly lines: number;
  private readonly fanIn: number;

  constructor(
    private readonly folder: string,
    limits: SortedRunsLimits = {},
  ) {
    this.lines = limits.lines ?? 50_000;
    this.fanIn = limits.fanIn ?? 32;
  }

  /** Gives a promise only when it must be waited for. */
  add(line: T): Promise<void> | undefined {
    this.count++;
    return this.window.push(line) < this.lines ? undefined : this.spill();
  }

  /** Every line in key order; equal keys follow each other. To be read once. */
  async *sorted(): AsyncGenerator<T> {
    const last = sortLines(this.window);
    this.window = [];
    const runs = this.levels.flat().map((file) => readRun<T>(file));
    yield* merge([...runs, fromMemory(last)]);
  }

  private async spill(): Promise<void> {
    const lines = sortLines(this.window);
    this.window = [];
    await this.keep(await this.write(fromMemory(lines)), 0);
  }

  private async keep(file: string, level: number): Promise<void> {
    const runs = (this.levels[level] ??= []);
    runs.push(file);
    if (runs.length < this.fanIn) return;
    this.levels[level] = [];
    const merged = await this.write(merge(runs.map((run) => readRun<T>(run))));
    for (const run of runs) await rm(run);
    await this.keep(merged, level + 1);
  }

  private async write(lines: AsyncIterable<T>): Promise<string> {
    const file = join(this.folder, `run-${this.files++}`);
    await pipeline(Readable.from(inText(lines)), createWriteStream(file, { mode: 0o600 }));
    return file;
  }
}

const sortLines = <T extends { readonly key: string }>(lines: T[]): T[] =>
  lines.toSorted((a, b) => compareKeys(a.key, b.key));

async function* fromMemory<T>(lines: readonly T[]): AsyncGenerator<T> {
  yield* lines;
}

async function* inText(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  let batch: string[] = [];
  for await (const line of lines) {
    if (batch.push(JSON.stringify(line)) < BATCH_LINES) continue;
    yield `${batch.join("\n")}\n`;
    batch = [];
  }
  if (batch.length > 0) yield `${batch.join("\n")}\n`;
}

async function* readRun<T>(file: string): AsyncGenerator<T> {
  const input = createReadStream(file, { highWaterMark: READ_BYTES, encoding: "utf8" });
  // Not by readline: it also splits at U+2028, which a key may hold.
  let rest = "";
  for await (const text of input as AsyncIterable<string>) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

async function* merge<T extends { readonly key: string }>(sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const heads: { readonly source: AsyncGenerator<T>; line: T }[] = [];
  try {
    for (const source of sources) {
      const { done, value } = await source.next();
      if (done !== true) heads.push({ source, line: value });
    }
    while (heads.length > 0) {
      let least = 0;
      for (let at = 1; at < heads.length; at++) {
        const [one, other] = [heads[at], heads[least]];
        if (one !== undefined && other !== undefined && compareKeys(one.line.key, other.line.key) < 0) least = at;
      }
      const head = heads[least];
      if (head === undefined) return;
      yield head.line;
      const { done, value } = await head.source.next();
      if (done === true) heads.splice(least, 1);
      else head.line = value;
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}
