import { createHash } from "node:crypto";
import { constants, crc32, inflateRawSync } from "node:zlib";
import { ContentSizeDiffers, fileSegment, segmentOf, streamFileSegment } from "../../lambda/pack/segment";
import { FLUSH_MARK } from "../../lambda/pack/gzip";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { bytesOf, seeded } from "./support";

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const inflate = (bytes: readonly Uint8Array[]): Buffer =>
  inflateRawSync(Buffer.concat(bytes), { finishFlush: constants.Z_SYNC_FLUSH });

test.each([0, 1, 511, 512, 513, 4096, 256 * 1024, 256 * 1024 + 1, 3_000_001])(
  "a file of %d bytes, small or streamed",
  async (size) => {
    const content = bytesOf(seeded(size + 1), size);
    const segment = await fileSegment("some/key", size, pieces(content));
    const raw = inflate(segment.bytes);
    expect(segment.length).toBe(Buffer.concat(segment.bytes).length);
    expect(segment.rawLength).toBe(raw.length);
    expect(segment.rawLength % 512).toBe(0);
    expect(segment.crc32).toBe(crc32(raw));
    expect(segment.sha256).toBe(createHash("sha256").update(content).digest("hex"));
    expect(raw.subarray(512, 512 + size).equals(content)).toBe(true);
    expect(Buffer.concat(segment.bytes).subarray(-4).equals(FLUSH_MARK)).toBe(true);
  },
);

test("one step and stream give the same raw bytes", async () => {
  const content = Buffer.alloc(100_000, "text ");
  const streamed: Uint8Array[] = [];
  const facts = await streamFileSegment("k", content.length, pieces(content), (chunk) => void streamed.push(chunk));
  const whole = segmentOf("k", content);
  expect(inflate(streamed).equals(inflate(whole.bytes))).toBe(true);
  expect(facts).toMatchObject({ crc32: whole.crc32, rawLength: whole.rawLength, sha256: whole.sha256 });
});

test.each([100, 1_000_000])("more or fewer bytes than announced is a named failure (%d)", async (size) => {
  const content = Buffer.alloc(size);
  await expect(fileSegment("k", size - 1, pieces(content))).rejects.toThrow(ContentSizeDiffers);
  await expect(fileSegment("k", size + 1, pieces(content))).rejects.toThrow(ContentSizeDiffers);
});

test.each([100, 1_000_000])("a failing source surfaces as it is, and a failing sink too (%d)", async (size) => {
  const broken = new StoreUnavailable("cut");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(size / 2);
    throw broken;
  }
  await expect(fileSegment("k", size, failing())).rejects.toBe(broken);
  const full = new Error("full");
  const content = bytesOf(seeded(1), size);
  await expect(streamFileSegment("k", size, pieces(content), () => Promise.reject(full))).rejects.toBe(full);
});
