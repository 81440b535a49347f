/** Files of the sample environments, the same for the same seed: keys, sizes and bytes. */
import { createCipheriv, createHash } from "node:crypto";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { inParallel } from "./in-parallel";

export interface SampleFile {
  /** A UUID, as the platform names its files. */
  readonly key: string;
  readonly size: number;
}

const MIB = 1024 * 1024;
export const LARGEST_FILE = 80 * MIB;

export const sampleUuid = (seed: string): string => {
  const hex = createHash("md5").update(seed).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join("-");
};

const fraction = (seed: string): number => createHash("md5").update(seed).digest().readUInt32BE(0) / 2 ** 32;

/** `count` files: a few empty, most small, some large, and (with `withLargest`) one of 80 MiB. */
export const planFiles = (seed: string, count: number, withLargest: boolean): readonly SampleFile[] =>
  Array.from({ length: count }, (_, index) => ({
    key: sampleUuid(`${seed} ${index}`),
    size: withLargest && index === 0 ? LARGEST_FILE : sizeOf(index, fraction(`${seed} size ${index}`)),
  }));

const sizeOf = (index: number, share: number): number => {
  if (index % 200 === 1) return 0;
  if (index % 400 === 2) return Math.floor((10 + 8 * share) * MIB);
  if (index % 60 === 3) return Math.floor((1 + 3 * share) * MIB);
  if (index % 7 === 4) return Math.floor(20_000 + 380_000 * share);
  return Math.floor(1 + 20_000 * share * share);
};

const LINE = Buffer.from("Every file that the database names is in the backup, byte for byte. ");
const BLOCK = 64 * 1024;

/** Every second block is text and shrinks when compressed, the others don't. */
export const fileContent = ({ key, size }: SampleFile): Buffer => {
  const cipher = createCipheriv("aes-128-ctr", createHash("md5").update(key).digest(), Buffer.alloc(16));
  const content = cipher.update(Buffer.alloc(size));
  for (let start = BLOCK; start < size; start += 2 * BLOCK) content.fill(LINE, start, Math.min(start + BLOCK, size));
  return content;
};

export const putFiles = (client: S3Client, bucket: string, files: readonly SampleFile[]): Promise<void> =>
  inParallel(files, 8, async (file) => {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: file.key,
        Body: fileContent(file),
        ContentType: "application/octet-stream",
      }),
    );
  });
