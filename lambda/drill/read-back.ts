/** Reads a file back that a drill has put, and compares it with the snapshot's: bytes, and attributes as far as a drill puts them. */
import { createHash } from "node:crypto";
import { atTarget, type TargetFiles } from "../restore/target-files";
import { differingAttributes, scratchAttributesOf } from "../snapshot/file-attributes";
import type { IndexEntry } from "../snapshot/file-index";
import type { ObjectContent } from "../storage/object-store";
import { ObjectNotFound } from "../storage/storage-errors";

/** What reading it gave instead of the file, as the end of a sentence; undefined when it is the file. */
export const unlikeRestored = async (target: TargetFiles, entry: IndexEntry): Promise<string | undefined> => {
  const { store, bucket, prefix } = target;
  const ref = { bucket, key: prefix + entry.key };
  try {
    const content = await atTarget(target, "reading", () => store.get(ref));
    if ((await sha256Of(content)) !== entry.sha256) return "other bytes";
    const tags =
      content.tagCount === undefined ? {} : { tags: await atTarget(target, "reading", () => store.tags(ref)) };
    const { metadata } = content;
    const expected = { metadata: {}, ...scratchAttributesOf(entry) };
    const differing = differingAttributes(expected, { ...content.attributes, ...tags, metadata });
    return differing.length === 0 ? undefined : `other attributes (${differing.join(", ")})`;
  } catch (error) {
    if (error instanceof ObjectNotFound) return "nothing";
    throw error;
  }
};

const sha256Of = async ({ body }: ObjectContent): Promise<string> => {
  const sha256 = createHash("sha256");
  for await (const piece of body) sha256.update(piece);
  return sha256.digest("hex");
};
