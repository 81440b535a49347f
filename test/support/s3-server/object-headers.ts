/** An object's attributes as S3 takes and gives them: headers, the count of tags, and RFC 2047 for metadata beyond ASCII. */
import { headerBytes, headerText } from "../../../lambda/storage/header-text";
import type { ObjectAttributes } from "../../../lambda/storage/object-attributes";
import type { ObjectInfo } from "../../../lambda/storage/object-store";
import { escapeXml, S3Failure } from "./s3-failure";
import type { S3Request } from "./s3-server";

const META = "x-amz-meta-";
const HEADERS = {
  contentType: "content-type",
  contentDisposition: "content-disposition",
  contentLanguage: "content-language",
  cacheControl: "cache-control",
  expires: "expires",
  redirect: "x-amz-website-redirect-location",
  storageClass: "x-amz-storage-class",
} as const;
const CLASSES = new Set(
  "STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING REDUCED_REDUNDANCY GLACIER GLACIER_IR DEEP_ARCHIVE".split(" "),
);
const METADATA_BYTES = 2048;

export const attributesOf = (headers: S3Request["headers"]): ObjectAttributes => {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return value === undefined ? undefined : headerText(Array.isArray(value) ? value.join(",") : value);
  };
  const named = Object.entries(HEADERS).flatMap(([name, header]) => {
    const value = text(header);
    return value === undefined || value === "" || value === "STANDARD" ? [] : [[name, value] as const];
  });
  const encoding = (text("content-encoding") ?? "").replace(/(^|,)\s*aws-chunked\s*/, "");
  const metadata = Object.keys(headers)
    .filter((name) => name.startsWith(META))
    .map((name) => [name.slice(META.length), decoded(text(name) ?? "")] as const);
  const tags = tagsOf(text("x-amz-tagging") ?? "");
  const attributes: ObjectAttributes = {
    contentType: "binary/octet-stream",
    ...Object.fromEntries(named),
    ...(encoding === "" ? {} : { contentEncoding: encoding }),
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
  refuseImpossible(attributes);
  return attributes;
};

export const attributeHeaders = ({ attributes = {}, tagCount }: ObjectInfo): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(HEADERS).flatMap(([name, header]) => {
      const value = attributes[name as keyof typeof HEADERS];
      return value === undefined ? [] : [[header, headerBytes(value)]];
    }),
  ),
  ...(attributes.contentEncoding === undefined ? {} : { "content-encoding": attributes.contentEncoding }),
  ...(tagCount === undefined ? {} : { "x-amz-tagging-count": String(tagCount) }),
  ...Object.fromEntries(
    Object.entries(attributes.metadata ?? {}).map(([name, value]) => [META + name, encoded(value)]),
  ),
});

export const tagXml = (tags: Readonly<Record<string, string>>): string =>
  `<Tagging><TagSet>${Object.entries(tags)
    .map(([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`)
    .join("")}</TagSet></Tagging>`;

const tagsOf = (header: string): Record<string, string> => Object.fromEntries(new URLSearchParams(header));

const refuseImpossible = ({
  metadata = {},
  redirect,
  storageClass = "STANDARD",
  tags = {},
}: ObjectAttributes): void => {
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (bytes > METADATA_BYTES) throw new S3Failure(400, "MetadataTooLarge", "Your metadata headers exceed the maximum.");
  if (!CLASSES.has(storageClass)) throw new S3Failure(400, "InvalidStorageClass", "The storage class is not valid.");
  if (Object.keys(tags).length > 10) throw new S3Failure(400, "BadRequest", "Object tags cannot be greater than 10.");
  if (redirect !== undefined && !/^(\/|https?:\/\/)/.test(redirect))
    throw new S3Failure(
      400,
      "InvalidRedirectLocation",
      "The website redirect location must begin with / or http(s)://.",
    );
};

/** RFC 2047, as S3 stores it decoded and gives it encoded. */
const decoded = (value: string): string =>
  value.replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toUpperCase() === "B"
      ? Buffer.from(text, "base64").toString("utf8")
      : headerText(
          text
            .replaceAll("_", " ")
            .replace(/=([0-9A-F]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        ),
  );
const encoded = (value: string): string =>
  /[^\p{ASCII}]/u.test(value) ? `=?UTF-8?B?${Buffer.from(value, "utf8").toString("base64")}?=` : value;
