import { setTimeout } from "node:timers/promises";
import type { FileSource } from "../../lambda/pack/file-source";
import { LookAhead, type LookAheadLimits } from "../../lambda/pack/look-ahead";
import type { MergeStep } from "../../lambda/pack/merge";
import { ObjectNotFound } from "../../lambda/storage/storage-errors";
import { seeded, unasked } from "./support";

const LIMITS: LookAheadLimits = { files: 8, bytes: 100_000, smallFile: 30_000, steps: 40 };

/** Files of the sizes given by their keys, answering in any order; counts what is on its way. */
class CountingSource implements FileSource {
  openNow = 0;
  mostOpen = 0;
  bytesRead = 0;
  readonly look = unasked.look;
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
  for (let at = 0; at < keys.length; at += 7)
    yield keys.slice(at, at + 7).map((key) => ({ kind: "changed", line: { key } }));
}

test.each([1, 2, 3])("items come in order, and memory stays within its limit (seed %d)", async (seed) => {
  const next = seeded(seed);
  const source = new CountingSource(next);
  const keys = Array.from({ length: 150 }, (_, i) =>
    next() < 0.1 ? `${i}-missing` : `${i}-${Math.floor(next() ** 3 * 60_000)}`,
  );
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
    consumed += read !== undefined && "facts" in read ? read.facts.size : 0;
  }
  expect(seen).toEqual(keys);
  expect(source.mostOpen).toBeLessThanOrEqual(LIMITS.files);
  expect(source.openNow).toBe(0);
});

test("a file larger than all the memory granted does not stop the walk", async () => {
  const source = new CountingSource(seeded(1));
  const ahead = new LookAhead(source, { ...LIMITS, bytes: 10 }, () => true);
  let count = 0;
  for await (const { file } of ahead.items(stepsOf(["a-20000", "b-0", "c-30000", "d-5"])))
    count += (await file)?.kind === "small" ? 1 : 0;
  expect(count).toBe(4);
});

test("stopping gives up what was read ahead, and closes it", async () => {
  const source = new CountingSource(seeded(5));
  const ahead = new LookAhead(source, LIMITS, () => true);
  for await (const { file } of ahead.items(
    stepsOf(Array.from({ length: 30 }, (_, i) => `${i}-${i % 3 === 0 ? 50_000 : 25_000}`)),
  )) {
    await file;
    break;
  }
  await ahead.stop();
  expect(source.openNow).toBe(0);
});

test("the file needed next never waits for the memory that later ones hold", async () => {
  let answer = (): void => undefined;
  const late = new Promise<void>((resolve) => (answer = resolve));
  const counting = new CountingSource(seeded(8));
  const source: FileSource = {
    ...unasked,
    open: async (key) => {
      if (key.startsWith("first")) await late;
      return counting.open(key);
    },
  };
  const ahead = new LookAhead(source, { ...LIMITS, bytes: 60_000 }, () => true);
  const seen: string[] = [];
  void setTimeout(50).then(answer);
  for await (const { step, file } of ahead.items(
    stepsOf(["first-30000", "b-30000", "c-30000", "d-30000", "e-30000"]),
  )) {
    await file;
    seen.push(step.line.key);
  }
  expect(seen).toHaveLength(5);
}, 10_000);

test("large files are not opened long before their turn", async () => {
  const source = new CountingSource(seeded(9));
  const ahead = new LookAhead(source, LIMITS, () => true);
  const open: number[] = [];
  for await (const { file } of ahead.items(stepsOf(Array.from({ length: 40 }, (_, i) => `${i}-50000`)))) {
    const read = await file;
    await setTimeout(10);
    open.push(source.openNow);
    if (read?.kind === "large") for await (const _chunk of read.opened.body);
  }
  expect(Math.max(...open)).toBe(LIMITS.files); // their sizes are not known before they answer
  expect(Math.max(...open.slice(LIMITS.files + 1))).toBeLessThanOrEqual(2);
});
