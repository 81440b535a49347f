/** S3's answers in the words of `object-store.ts`; the shapes are those that the client's outputs have in common. */
import { crc32FromBase64 } from "./crc32-text";
import { headerText } from "./header-text";
import type { ObjectAttributes } from "./object-attributes";
import type { DeleteResult, ListedVersion, Lock, ObjectInfo, VersionToDelete } from "./object-store";
import { decodedKey } from "./s3-keys";

interface ObjectAnswer {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
  readonly ChecksumType?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly ContentType?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ExpiresString?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly TagCount?: number | undefined;
  readonly ReplicationStatus?: string | undefined;
}
interface RefusalAnswer {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}
interface VersionAnswer {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

export const plainEtag = (etag: string | undefined): string => (etag ?? "").replaceAll('"', "");

/** Buckets without versions say "null". */
export const realVersion = (versionId: string | undefined): string | undefined =>
  versionId === "null" ? undefined : versionId;

export const objectInfo = (answer: ObjectAnswer): ObjectInfo => {
  const etag = plainEtag(answer.ETag);
  const lock = lockOf(answer);
  const whole = isWholeChecksum(answer, etag);
  const attributes = attributesOf(answer);
  return {
    size: answer.ContentLength ?? 0,
    etag,
    metadata: attributes.metadata ?? {},
    attributes,
    ...given("tagCount", answer.TagCount),
    ...given("versionId", realVersion(answer.VersionId)),
    ...given("lastModified", answer.LastModified),
    ...(whole && crc32FromBase64(answer.ChecksumCRC32) !== undefined ? given("crc32", answer.ChecksumCRC32) : {}),
    ...(whole ? given("sha256", answer.ChecksumSHA256) : {}),
    ...given("lock", lock),
    ...given("replicationStatus", answer.ReplicationStatus),
  };
};

const attributesOf = (answer: ObjectAnswer): Omit<ObjectAttributes, "tags"> => {
  const text = (value: string | undefined): string | undefined =>
    value === undefined || value === "" ? undefined : headerText(value);
  const metadata = Object.entries(answer.Metadata ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    headerText(value),
  ]);
  return {
    ...given("contentType", text(answer.ContentType)),
    ...given("contentEncoding", text(answer.ContentEncoding)),
    ...given("contentDisposition", text(answer.ContentDisposition)),
    ...given("contentLanguage", text(answer.ContentLanguage)),
    ...given("cacheControl", text(answer.CacheControl)),
    ...given("expires", text(answer.ExpiresString)),
    ...given("redirect", text(answer.WebsiteRedirectLocation)),
    ...given("metadata", metadata.length === 0 ? undefined : Object.fromEntries(metadata)),
    ...given("storageClass", answer.StorageClass === "STANDARD" ? undefined : text(answer.StorageClass)),
  };
};

/** Of a multipart object a checksum counts only if the server says that it is the whole object's. */
const isWholeChecksum = (answer: ObjectAnswer, etag: string): boolean =>
  answer.ChecksumType === "FULL_OBJECT" || (answer.ChecksumType !== "COMPOSITE" && !etag.includes("-"));

const lockOf = (answer: ObjectAnswer): Lock | undefined => {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = answer;
  return (mode === "GOVERNANCE" || mode === "COMPLIANCE") && until !== undefined ? { mode, until } : undefined;
};

/** S3 lists versions and delete markers apart; together they are in order of key, newest first within a key. */
export const mergedVersions = (
  versions: readonly VersionAnswer[],
  markers: readonly VersionAnswer[],
  encoding: string | undefined,
): ListedVersion[] => {
  const listed = (answer: VersionAnswer, isDeleteMarker: boolean): ListedVersion => ({
    key: decodedKey(answer.Key ?? "", encoding),
    versionId: answer.VersionId ?? "null",
    isLatest: answer.IsLatest ?? false,
    isDeleteMarker,
    size: answer.Size ?? 0,
    ...(isDeleteMarker ? {} : { etag: plainEtag(answer.ETag) }),
    lastModified: answer.LastModified ?? new Date(0),
  });
  const all = [...versions.map((one) => listed(one, false)), ...markers.map((one) => listed(one, true))];
  // Stable, so that what S3 put in order within a second stays so.
  return all.toSorted(
    (a, b) =>
      (a.key === b.key ? 0 : Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))) ||
      Number(b.isLatest) - Number(a.isLatest) ||
      b.lastModified.getTime() - a.lastModified.getTime(),
  );
};

/** A server that doesn't say which version it refused may have refused any version of that key in the batch. */
export const refusals = (objects: readonly VersionToDelete[], error: RefusalAnswer): DeleteResult["refused"] => {
  const { Key: key = "", VersionId: versionId, Code: code = "", Message: message = "" } = error;
  const meant = versionId === undefined ? objects.filter((one) => one.key === key) : [{ key, versionId }];
  return (meant.length === 0 ? [{ key }] : meant).map((one) => ({ ...one, code, message }));
};

/** A property that is left out rather than undefined. */
export const given = <K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
