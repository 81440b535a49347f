/**
 * Puts one large file at the target as a multipart upload that replaces no object but the one looked at. Unlike a snapshot's own
 * objects it may go to a bucket without versions or locks. A failure aborts the upload; a crash leaves an unfinished
 * one, which the next try or the undoing aborts.
 */
import { crc32 } from "node:zlib";
import { crc32ToBase64 } from "../storage/crc32-text";
import type { ObjectAttributes } from "../storage/object-attributes";
import type { PartResult, WriteCondition } from "../storage/object-store";
import { nextPartBytes } from "../storage/part-size";
import { Gate } from "./concurrency";
import { atTarget, type TargetFiles } from "./target-files";

const PARTS_AT_ONCE = 3;

/** Throws ObjectExists and ObjectNotFound where the condition does not hold; what `content` throws surfaces unchanged. */
export const uploadFile = async (
  target: TargetFiles,
  key: string,
  content: AsyncIterable<Uint8Array>,
  { attributes, condition }: { readonly attributes: ObjectAttributes; readonly condition: WriteCondition },
): Promise<void> => {
  const { store, bucket, prefix } = target;
  const ref = { bucket, key: prefix + key };
  const uploadId = await atTarget(target, "writing", () => store.createMultipart({ ...ref, attributes }));
  const gate = new Gate({ count: PARTS_AT_ONCE, bytes: Infinity });
  try {
    const parts: PartResult[] = [];
    let sum = 0;
    let partNumber = 0;
    for await (const body of inParts(content)) {
      sum = crc32(body, sum);
      const number = ++partNumber;
      await gate.start(body.length, async () => {
        parts.push(await atTarget(target, "writing", () => store.uploadPart(ref, uploadId, number, body)));
      });
    }
    await gate.drain();
    const inOrder = parts.toSorted((a, b) => a.partNumber - b.partNumber);
    const options = { ...condition, crc32: crc32ToBase64(sum) };
    await atTarget(target, "writing", () => store.completeMultipart(ref, uploadId, inOrder, options));
  } catch (error) {
    await gate.settle();
    // The first failure is the one to tell; what can't be aborted now is aborted by the next try or the undoing.
    await store.abortMultipart(ref, uploadId).catch(() => undefined);
    throw error;
  }
};

/** Buffers of a part's size, each of its own memory; the last one may be smaller. */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(nextPartBytes(0));
  let filled = 0;
  let written = 0;
  for await (const chunk of content) {
    for (let taken = 0; taken < chunk.length;) {
      const count = Math.min(chunk.length - taken, buffer.length - filled);
      buffer.set(chunk.subarray(taken, taken + count), filled);
      filled += count;
      taken += count;
      if (filled < buffer.length) continue;
      yield buffer;
      written += filled;
      buffer = Buffer.allocUnsafeSlow(nextPartBytes(written));
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
