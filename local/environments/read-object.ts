/** Reading a whole object for the checks. A connection that breaks in the middle of the body is begun again. */
import { createHash } from "node:crypto";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";

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
  start: () => { take(piece: Buffer): void; end(): T },
): Promise<T> => {
  for (let tries = 1; ; tries++) {
    const consumer = start();
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    try {
      for await (const piece of Body as AsyncIterable<Buffer>) consumer.take(piece);
      return consumer.end();
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

export const readDigest = (
  client: S3Client,
  place: Place,
): Promise<{ readonly size: number; readonly sha256: string }> =>
  readWith(client, place, () => {
    const hash = createHash("sha256");
    let size = 0;
    return {
      take: (piece) => {
        hash.update(piece);
        size += piece.length;
      },
      end: () => ({ size, sha256: hash.digest("hex") }),
    };
  });
