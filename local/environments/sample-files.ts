/** Files of the sample environments, the same for the same seed: keys, sizes, bytes and attributes. */
import { createCipheriv, createHash } from "node:crypto";
import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
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

/** Most files are plain; the rest have each attribute that S3 keeps, alone or with others. */
const sampleAttributes = ({ key, size }: SampleFile): Partial<PutObjectCommandInput> => {
  const kind = fraction(`${key} attributes`) * 100;
  const plain = { ContentType: "application/octet-stream" };
  if (size === LARGEST_FILE) return { ContentType: "video/mp4", Metadata: { owner: "shop" }, Tagging: "class=large" };
  if (kind < 3) return { ContentType: "text/html; charset=utf-8", CacheControl: "max-age=60", ContentLanguage: "nl" };
  if (kind < 5) return { ContentType: "text/javascript", ContentEncoding: "gzip" };
  if (kind < 7) return { ...plain, ContentDisposition: 'attachment; filename="a b.txt"', Metadata: { owner: "shop" } };
  if (kind < 9) return { ...plain, Tagging: "class=secret&kept%20until=2030" };
  if (kind < 10) return { ...plain, StorageClass: "STANDARD_IA", Expires: new Date("2030-01-01T00:00:00Z") };
  return plain;
};

export const putFiles = (client: S3Client, bucket: string, files: readonly SampleFile[]): Promise<void> =>
  inParallel(files, 8, async (file) => {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: file.key,
        Body: fileContent(file),
        ...sampleAttributes(file),
      }),
    );
  });
