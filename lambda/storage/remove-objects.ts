/**
 * Deletes objects whatever their keys hold, and says of each one that is left why. A batch is refused as a whole for one
 * key that XML can't carry (S3 answers MalformedXML, other servers 500): such keys go one by one, with the key in the
 * address, and a refused batch goes in halves. Deleting again does no harm. Throws StoreUnavailable where the server
 * fails at one request after the other, for that is no key's fault.
 */
import type { DeleteResult, ObjectStore, VersionToDelete } from "./object-store";
import { isXmlText } from "./s3-keys";
import { AccessRefused, BucketNotFound, ObjectNotFound, StorageError, StoreUnavailable } from "./storage-errors";
import { isWellFormed } from "../pack/key-order";

export type LeftObject = DeleteResult["refused"][number];

/** S3's limit. */
export const DELETED_AT_ONCE = 1_000;
/** Halving 1,000 down to one takes ten. */
const FAILURES_IN_A_ROW = 30;
/** What a server says of single objects of a batch that are worth another try. */
const PASSING = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);
const canTravel = ({ key }: VersionToDelete): boolean => key !== "" && isXmlText(key);

export const removeObjects = async (
  store: ObjectStore,
  bucket: string,
  objects: readonly VersionToDelete[],
): Promise<LeftObject[]> => new Removal(store, bucket).remove(objects);

class Removal {
  private readonly left: LeftObject[] = [];
  private failures = 0;

  constructor(
    private readonly store: ObjectStore,
    private readonly bucket: string,
  ) {}

  async remove(objects: readonly VersionToDelete[]): Promise<LeftObject[]> {
    const batched = objects.filter(canTravel);
    for (let from = 0; from < batched.length; from += DELETED_AT_ONCE)
      await this.batch(batched.slice(from, from + DELETED_AT_ONCE));
    for (const object of objects) if (!canTravel(object)) await this.single(object);
    return this.left;
  }

  private async batch(objects: readonly VersionToDelete[]): Promise<void> {
    const [first] = objects;
    if (first === undefined) return;
    if (objects.length === 1) return this.single(first);
    try {
      const { refused } = await this.store.deleteBatch(this.bucket, objects);
      this.failures = 0;
      // A server may echo a key altered (CR as LF): that would be the key of another object.
      const isWorthwhile = ({ key, code }: LeftObject): boolean =>
        PASSING.has(code) && objects.some((one) => one.key === key);
      this.left.push(...refused.filter((object) => !isWorthwhile(object)));
      for (const object of refused) if (isWorthwhile(object)) await this.single(object);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      // The key in question is none of these: asking for each of them would only be refused as often.
      if (error instanceof AccessRefused || error instanceof BucketNotFound) return this.leave(objects, error);
      this.countFailure(error);
      const half = Math.ceil(objects.length / 2);
      await this.batch(objects.slice(0, half));
      await this.batch(objects.slice(half));
    }
  }

  private async single(object: VersionToDelete): Promise<void> {
    const { key } = object;
    if (key === "" || !isWellFormed(key))
      return this.leave([object], new StorageError("This can't be the key of an object."));
    try {
      const { versionId } = object;
      await this.store.delete({ bucket: this.bucket, key, ...(versionId === undefined ? {} : { versionId }) });
      this.failures = 0;
    } catch (error) {
      if (error instanceof ObjectNotFound) return;
      if (!(error instanceof StorageError)) throw error;
      this.leave([object], error);
      this.countFailure(error);
    }
  }

  private leave(objects: readonly VersionToDelete[], { name, message }: StorageError): void {
    this.left.push(...objects.map((object) => ({ ...object, code: name, message })));
  }

  private countFailure(error: StorageError): void {
    if (error instanceof StoreUnavailable && ++this.failures >= FAILURES_IN_A_ROW) throw error;
  }
}
