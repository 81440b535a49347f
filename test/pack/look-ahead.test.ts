import { setTimeout } from "node:timers/promises";
import type { FileSource } from "../../lambda/pack/file-source";
import { LookAhead, type LookAheadLimits } from "../../lambda/pack/look-ahead";
import type { MergeStep } from "../../lambda/pack/merge";
import { ObjectNotFound } from "../../lambda/storage/storage-errors";
import { seeded } from "./support";

const LIMITS: LookAheadLimits = { files: 8, bytes: 100_000, smallFile: 30_000, steps: 40 };

/** Files of the sizes given by their keys, answering in any order; counts what is on its way. */
class CountingSource implements FileSource {
  openNow = 0;
  mostOpen = 0;
  bytesRead = 0;
  constructor(private readonly next: () => number) {}
  async open(key: string) {
    this.openNow++;
    this.mostOpen = Math.max(this.mostOpen, this.openNow);
    await setTimeout(this.next() * 4);
    const size = Number(key.split("-")[1]);
    if (Number.isNaN(size)) {
      this.openNow--;
      throw new ObjectNotFound(key);
    }
    return { size, etag: "e", body: this.body(size) };
  }
  private async *body(size: number): AsyncGenerator<Uint8Array> {
    try {
      this.bytesRead += size;
      await setTimeout(this.next() * 4);
      yield Buffer.alloc(size);
    } finally {
      this.openNow--;
    }
  }
}
async function* stepsOf(keys: readonly string[]): AsyncGenerator<MergeStep[]> {
  for (let at = 0; at < keys.length; at += 7) yield keys.slice(at, at + 7).map((key) => ({ kind: "changed", line: { key } }));
}

test.each([1, 2, 3])("items come in order, and memory stays within its limit (seed %d)", async (seed) => {
  const next = seeded(seed);
  const source = new CountingSource(next);
  const keys = Array.from({ length: 150 }, (_, i) => (next() < 0.1 ? `${i}-missing` : `${i}-${Math.floor(next() ** 3 * 60_000)}`));
  const ahead = new LookAhead(source, LIMITS, () => true);
  const seen: string[] = [];
  let consumed = 0;
  for await (const { step, file } of ahead.items(stepsOf(keys))) {
    const read = await file;
    seen.push(step.line.key);
    if (read?.kind === "large") for await (const _chunk of read.opened.body);
    if (next() < 0.3) await setTimeout(next() * 10);
    // What was read and is not yet done with; a large file is streamed by the consumer.
    const held = source.bytesRead - consumed - (read?.kind === "large" ? read.facts.size : 0);
    expect(held).toBeLessThanOrEqual(LIMITS.bytes);
    consumed += read?.kind === "missing" || read === undefined ? 0 : read.facts.size;
  }
  expect(seen).toEqual(keys);
  expect(source.mostOpen).toBeLessThanOrEqual(LIMITS.files);
  expect(source.openNow).toBe(0);
});

test("a file larger than all the memory granted does not stop the walk", async () => {
  const source = new CountingSource(seeded(1));
  const ahead = new LookAhead(source, { ...LIMITS, bytes: 10 }, () => true);
  let count = 0;
  for await (const { file } of ahead.items(stepsOf(["a-20000", "b-0", "c-30000", "d-5"]))) count += (await file)?.kind === "small" ? 1 : 0;
  expect(count).toBe(4);
});

test("stopping gives up what was read ahead, and closes it", async () => {
  const source = new CountingSource(seeded(5));
  const ahead = new LookAhead(source, LIMITS, () => true);
  for await (const { file } of ahead.items(stepsOf(Array.from({ length: 30 }, (_, i) => `${i}-${i % 3 === 0 ? 50_000 : 25_000}`)))) {
    await file;
    break;
  }
  await ahead.stop();
  expect(source.openNow).toBe(0);
});
