/** Reading a whole object, and what is kept beside it, for the checks. A connection that breaks in the middle of the body is begun again. */
import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { keptAttributes } from "../../lambda/snapshot/file-attributes";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { objectInfo } from "../../lambda/storage/s3-answers";

const TRIES = 5;

interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/** Hands every piece to the consumer that `start` makes; `start` is called anew for each try. */
const readWith = async <T>(
  client: S3Client,
  { bucket, key, versionId }: Place,
  start: () => { take(piece: Buffer): void; end(answer: GetObjectCommandOutput): T },
): Promise<T> => {
  for (let tries = 1; ; tries++) {
    const consumer = start();
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    try {
      for await (const piece of answer.Body as AsyncIterable<Buffer>) consumer.take(piece);
      return consumer.end(answer);
    } catch (error) {
      if (tries >= TRIES) throw error;
    }
  }
};

export const readBytes = (client: S3Client, place: Place): Promise<Buffer> =>
  readWith(client, place, () => {
    const pieces: Buffer[] = [];
    return { take: (piece) => void pieces.push(piece), end: () => Buffer.concat(pieces) };
  });

export interface Digest {
  readonly size: number;
  readonly sha256: string;
}

export const readDigest = (
  client: S3Client,
  place: Place,
): Promise<Digest & { readonly answer: GetObjectCommandOutput }> =>
  readWith(client, place, () => {
    const hash = createHash("sha256");
    let size = 0;
    return {
      take: (piece) => {
        hash.update(piece);
        size += piece.length;
      },
      end: (answer) => ({ size, sha256: hash.digest("hex"), answer }),
    };
  });

/** A file with its attributes, as a backup is to keep them; a plain one has none. */
export const readFileDigest = async (
  client: S3Client,
  place: Place,
): Promise<Digest & { readonly attributes: ObjectAttributes }> => {
  const { answer, ...digest } = await readDigest(client, place);
  const tags = answer.TagCount === undefined ? {} : { tags: await tagsOf(client, place) };
  return { ...digest, attributes: keptAttributes({ ...objectInfo(answer).attributes, ...tags }) ?? {} };
};

const tagsOf = async (client: S3Client, { bucket, key }: Place): Promise<Readonly<Record<string, string>>> => {
  const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
  return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
};
