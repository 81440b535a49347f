import { Readable } from "node:stream";
import { checkedBody } from "../../lambda/storage/s3-body";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";

const attempted = { action: "Reading", bucket: "b", key: "k" };
const read = async (expected: number | undefined): Promise<number> => {
  let size = 0;
  for await (const piece of checkedBody(Readable.from([Buffer.alloc(3), Buffer.alloc(4)]), expected, attempted, 1000)) {
    size += piece.length;
  }
  return size;
};

describe("a body that ends without an error", () => {
  test.each([7, undefined])("is whole with %s bytes announced", async (expected) => {
    expect(await read(expected)).toBe(7);
  });
  test.each([6, 8])("is not the object with %d bytes announced", async (expected) => {
    await expect(read(expected)).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
