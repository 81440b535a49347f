/** What requests carry, as the S3 client wants it, and the headers that the client can't write as they stand. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  StorageClass,
} from "@aws-sdk/client-s3";
import { crc32ToBase64 } from "./crc32-text";
import { taggingHeader } from "./object-attributes";
import type { MultipartRequest, ObjectRef } from "./object-store";
import { given } from "./s3-answers";
import { wholeSecondUp } from "./whole-second";

type Writing = PutObjectCommand | CreateMultipartUploadCommand | CopyObjectCommand;

export const properties = ({ attributes = {}, contentType, metadata, lock }: MultipartRequest) => ({
  ...given("ContentType", contentType ?? attributes.contentType),
  ...given("ContentEncoding", attributes.contentEncoding),
  ...given("ContentDisposition", attributes.contentDisposition),
  ...given("ContentLanguage", attributes.contentLanguage),
  ...given("CacheControl", attributes.cacheControl),
  ...given("WebsiteRedirectLocation", attributes.redirect),
  ...given("Tagging", attributes.tags === undefined ? undefined : taggingHeader(attributes.tags)),
  ...given("StorageClass", attributes.storageClass as StorageClass | undefined),
  ...(metadata === undefined && attributes.metadata === undefined
    ? {}
    : { Metadata: { ...attributes.metadata, ...metadata } }),
  ...(lock === undefined ? {} : { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: wholeSecondUp(lock.until) }),
});

export const place = ({ bucket, key }: ObjectRef) => ({ Bucket: bucket, Key: key });

export const checksumOf = (body: Uint8Array) => ({
  ChecksumAlgorithm: "CRC32" as const,
  ChecksumCRC32: crc32ToBase64(crc32(body)),
});

export const md5Of = (body: Uint8Array): string => createHash("md5").update(body).digest("base64");

/** The client takes dates for Expires, which may be any text, and drops metadata without a value. */
export const withExactHeaders = <T extends Writing>(command: T, { attributes = {} }: MultipartRequest): T => {
  const { expires, metadata = {} } = attributes;
  const empty = Object.keys(metadata).filter((name) => metadata[name] === "");
  const exact: Record<string, string> = {
    ...given("expires", expires),
    ...Object.fromEntries(empty.map((name) => [`x-amz-meta-${name}`, ""])),
  };
  if (Object.keys(exact).length === 0) return command;
  (command.middlewareStack as S3Client["middlewareStack"]).add(
    (next) => (args) => {
      Object.assign((args.request as { readonly headers: Record<string, string> }).headers, exact);
      return next(args);
    },
    { step: "build", name: "exactHeaders" },
  );
  return command;
};
