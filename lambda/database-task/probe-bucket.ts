/**
 * What is missing for backups and restores at the file bucket, one sentence each. It puts one small object below the
 * prefix and deletes it; a crash between the two leaves that object, which no backup takes and the next probe removes.
 */
import type { Registration } from "../catalog/registration";
import { abandon } from "../pack/ranged-read";
import type { ObjectStore } from "../storage/object-store";
import { ObjectArchived } from "../storage/storage-errors";
import { bucketFailure, PROBE_OBJECT } from "./bucket-listing";
import { errorMessage } from "./connection-errors";

export const probeBucket = async (store: ObjectStore, { bucket, prefix }: Registration["files"]): Promise<string[]> => {
  const findings: string[] = [];
  const attempt = async <T>(action: string, request: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await request();
    } catch (error) {
      findings.push(sentenceFor(error, action, bucket));
      return undefined;
    }
  };
  const page = await attempt("listing", () => store.list(bucket, { prefix }));
  // A bucket that can't be listed for being absent would only say so three times more.
  if (page === undefined && findings.some((finding) => finding.includes("doesn't exist"))) return findings;
  const file = page?.objects.find(({ key, size }) => size > 0 && key !== prefix + PROBE_OBJECT);
  if (file !== undefined) await attempt("reading", () => readFirstByte(store, bucket, file.key));
  const key = prefix + PROBE_OBJECT;
  const body = Buffer.from("probe\n");
  const attributes = { tags: { "nightly-backups": "probe" } };
  const written = await attempt("writing", () => store.put({ bucket, key, body, attributes }));
  if (written === undefined) return findings;
  await attempt("reading tags", () => store.tags({ bucket, key }));
  if (file === undefined) await attempt("reading", () => readFirstByte(store, bucket, key));
  const deleted = await attempt("deleting", () => store.deleteBatch(bucket, [{ key }]));
  if (deleted !== undefined && deleted.refused.length > 0)
    findings.push(
      `The file bucket "${bucket}" forbids deleting (${deleted.refused[0]?.message ?? ""}); a restore needs s3:DeleteObject there.`,
    );
  if (written.versionId !== undefined) await removeVersions(store, bucket, key).catch(() => undefined);
  return findings;
};

/** On a versioned bucket the probe leaves a version and a marker: litter, which whoever may not remove it leaves. */
const removeVersions = async (store: ObjectStore, bucket: string, key: string): Promise<void> => {
  const { versions } = await store.listVersions(bucket, { prefix: key });
  const own = versions.filter((version) => version.key === key).map(({ versionId }) => ({ key, versionId }));
  if (own.length > 0) await store.deleteBatch(bucket, own);
};

const readFirstByte = async (store: ObjectStore, bucket: string, key: string): Promise<void> => {
  try {
    const { body } = await store.get({ bucket, key }, { range: [0, 0] });
    await abandon(body);
  } catch (error) {
    // Reading is allowed; whether this very file is wanted, the backup will know.
    if (!(error instanceof ObjectArchived)) throw error;
  }
};

const sentenceFor = (error: unknown, action: string, bucket: string): string => {
  // S3 says 403 for a key's refusal too; only its words tell them apart.
  if (/kms/i.test(errorMessage(error)))
    return `The key of the file bucket "${bucket}" forbids ${action} (${errorMessage(error)}); let the service use the key, by its tag or policy.`;
  return (
    bucketFailure(error, action, bucket)?.message ??
    `The file bucket "${bucket}" can't be used for ${action}: ${errorMessage(error)}.`
  );
};
