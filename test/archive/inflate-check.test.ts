/** What passes is compared with the file index: other bytes, fewer, more, and bytes that are no deflate. */
import { InflateCheck } from "../../lambda/archive/inflate-check";
import type { Source } from "../../lambda/archive/layout";
import { segmentOf } from "../../lambda/pack/segment";
import { EMPTY_SUM, joinSums } from "../../lambda/pack/gzip";
import { bytesOf, seeded } from "../pack/support";

const next = seeded(41);
const segments = [bytesOf(next, 3_000), Buffer.alloc(200_000, "text"), bytesOf(next, 40_000)].map((content, number) =>
  segmentOf(`file-${number}`, content),
);
const bytes = Buffer.concat(segments.flatMap((segment) => segment.bytes));
const sum = segments.map(({ crc32, rawLength }) => ({ crc32, rawLength })).reduce(joinSums);
const sourceWith = (change: Partial<Source["sum"]> = {}): Source => ({
  entry: { key: "pack", versionId: "v", size: bytes.length, sha256: "", crc32: 0 },
  runs: [{ first: 0, length: bytes.length }],
  bytes: bytes.length,
  longest: bytes.length,
  end: bytes.length,
  sum: { ...sum, ...change },
  before: EMPTY_SUM,
  tail: Buffer.alloc(0),
});
const passed = async (given: Buffer, source = sourceWith()): Promise<void> => {
  const check = new InflateCheck(source);
  for (let at = 0; at < given.length; at += 1_000) await check.write(given.subarray(at, at + 1_000));
  await check.finish();
};
const changed = (at: number): Buffer => {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
};

test("the bytes as they were stored", async () => {
  await expect(passed(bytes)).resolves.toBeUndefined();
});

test("one changed bit, wherever it is", async () => {
  for (let at = 0; at < bytes.length; at += 997) await expect(passed(changed(at))).rejects.toThrow("is damaged");
});

test("another checksum, and another length, than the file index says", async () => {
  await expect(passed(bytes, sourceWith({ crc32: sum.crc32 ^ 1 }))).rejects.toThrow("is damaged");
  await expect(passed(bytes, sourceWith({ rawLength: sum.rawLength + 1 }))).rejects.toThrow("is damaged");
  await expect(passed(bytes, sourceWith({ rawLength: 1_000 }))).rejects.toThrow("is damaged");
});

test("nothing is said of an object of which only a part has passed", async () => {
  await expect(passed(bytes.subarray(0, 5_000))).resolves.toBeUndefined();
});
