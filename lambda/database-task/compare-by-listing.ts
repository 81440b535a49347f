/**
 * Tells of the files that a query names without a marker whether they have changed, by listing the bucket beside the
 * query: both come in UTF-8 byte order. A page begins at a key that is asked for, so a request serves a thousand files where
 * most of the bucket is named, and there are hardly more requests than files, whatever else the bucket holds. It only
 * reads; memory holds one page.
 */
import type { Registration } from "../catalog/registration";
import { compareKeys } from "../pack/key-order";
import { listedMarker } from "../pack/listed-marker";
import type { ListLine } from "../snapshot/file-index";
import type { ListedObject, ListOptions, ObjectStore } from "../storage/object-store";
import { bucketFailure } from "./bucket-listing";

type Files = Pick<Registration["files"], "bucket" | "prefix">;
type From = Pick<ListOptions, "startAfter" | "token">;

/** S3's limit, in UTF-8 bytes. No object can have a longer key, nor an empty one. */
const LONGEST_KEY = 1024;

/** Throws BucketMissing, BucketForbidden, and what `lines` throws. */
export async function* comparedByListing(
  store: ObjectStore,
  files: Files,
  lines: AsyncIterable<ListLine>,
): AsyncGenerator<ListLine> {
  const listing = new Listing(store, files);
  for await (const line of lines) {
    if (line.marker !== undefined) {
      yield line;
      continue;
    }
    const found = await listing.find(files.prefix + line.key);
    yield found === undefined
      ? { ...line, unlisted: true }
      : { ...line, marker: listedMarker(found), size: found.size };
  }
}

/** Answers for one key after another, in order. */
class Listing {
  private page: readonly ListedObject[] = [];
  private at = 0;
  /** The page reaches to the end of the bucket. */
  private isLast = false;
  /** Where the page after this one begins; a page may be empty and not the last. */
  private next: From = {};

  constructor(
    private readonly store: ObjectStore,
    private readonly files: Files,
  ) {}

  async find(key: string): Promise<ListedObject | undefined> {
    if (key === this.files.prefix || Buffer.byteLength(key) > LONGEST_KEY) return undefined;
    if (!this.reaches(key)) await this.turn({ startAfter: justBefore(key) });
    // Keys that come between are rare, but may fill a page.
    while (!this.reaches(key)) await this.turn(this.next);
    for (;;) {
      const object = this.page[this.at];
      if (object === undefined) return undefined;
      const order = compareKeys(object.key, key);
      if (order >= 0) return order === 0 ? object : undefined;
      this.at++;
    }
  }

  private reaches(key: string): boolean {
    const last = this.page.at(-1);
    return this.isLast || (last !== undefined && compareKeys(last.key, key) >= 0);
  }

  private async turn(from: From): Promise<void> {
    const { bucket, prefix } = this.files;
    try {
      const { objects, nextToken } = await this.store.list(bucket, { prefix, ...from });
      this.page = objects;
      this.isLast = nextToken === undefined;
      this.next = nextToken === undefined ? {} : { token: nextToken };
      this.at = 0;
    } catch (error) {
      throw bucketFailure(error, "listing", bucket) ?? error;
    }
  }
}

/** A text before `key` with hardly a key between them: listings begin after a key, and this one is wanted too. */
export const justBefore = (key: string): string => {
  const points = Array.from(key);
  const last = points.pop()?.codePointAt(0) ?? 0;
  const head = points.join("");
  // Hardly any key has control characters, and servers dislike them here.
  if (last <= 0x20) return head;
  // Half of a surrogate pair is no character.
  const before = last === 0xe000 ? 0xd7ff : last - 1;
  const text = `${head}${String.fromCodePoint(before)}`;
  const far = `${text}\u{10fffd}`;
  return Buffer.byteLength(far) <= LONGEST_KEY ? far : text;
};
