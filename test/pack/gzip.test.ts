import { crc32, gunzipSync } from "node:zlib";
import { crc32Combine, deflateSegment, EMPTY_SUM, GZIP_HEADER, gzipEnd, joinSums } from "../../lambda/pack/gzip";
import { bytesOf, seeded } from "./support";

describe("joining CRC-32s", () => {
  test("gives the CRC of the joined bytes, for any lengths", () => {
    const next = seeded(3);
    for (let round = 0; round < 500; round++) {
      const a = bytesOf(next, Math.floor(next() ** 3 * 5000));
      const b = bytesOf(next, Math.floor(next() ** 3 * 5000));
      expect(crc32Combine(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
    }
  });

  test("works for lengths beyond 32 bits, in which doubling equals joining twice", () => {
    let zeros = { crc32: crc32(Buffer.alloc(1024)), rawLength: 1024 };
    for (let doublings = 0; doublings < 24; doublings++) zeros = joinSums(zeros, zeros); // 16 GiB of zeros
    expect(zeros.rawLength).toBe(16 * 1024 ** 3);
    const half = zeros.rawLength / 2;
    const mebibyte = Buffer.alloc(1024 * 1024);
    let slow = EMPTY_SUM;
    for (let i = 0; i < 16 * 1024; i++) slow = joinSums(slow, { crc32: crc32(mebibyte), rawLength: mebibyte.length });
    expect(slow).toEqual(zeros);
    expect(gzipEnd(zeros).readUInt32LE(6)).toBe(0); // 16 GiB modulo 2^32
    expect(gzipEnd({ crc32: 1, rawLength: half + 5 }).readUInt32LE(6)).toBe(5);
  });

  test("nothing joined to anything changes nothing", () => {
    const sum = { crc32: 0xdeadbeef, rawLength: 77 };
    expect(joinSums(EMPTY_SUM, sum)).toEqual(sum);
    expect(joinSums(sum, EMPTY_SUM)).toEqual(sum);
  });
});

test("segments in any order make one gzip member", () => {
  const next = seeded(5);
  const raws = [bytesOf(next, 40_000), Buffer.alloc(300_000, "ab"), Buffer.alloc(1), bytesOf(next, 1)];
  for (const order of [
    [0, 1, 2, 3],
    [3, 1, 0, 2],
    [1, 1, 1],
  ]) {
    const chosen = order.map((i) => raws[i] as Buffer);
    const sum = chosen.reduce((total, raw) => joinSums(total, { crc32: crc32(raw), rawLength: raw.length }), EMPTY_SUM);
    const file = Buffer.concat([GZIP_HEADER, ...chosen.map(deflateSegment), gzipEnd(sum)]);
    expect(gunzipSync(file).equals(Buffer.concat(chosen))).toBe(true);
  }
});
