/** The few places where S3's XML carries times or names that the gateway needs. */
import { createHash } from "node:crypto";
import type { StoreTimes } from "./store-times";

const element = (xml: string, name: string): string | undefined => {
  const found = new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(xml)?.[1];
  return found === undefined ? undefined : unescapeXml(found);
};
const unescapeXml = (text: string): string =>
  text
    .replace(/&#(x[0-9a-fA-F]+|\d+);/g, (_, code: string) =>
      String.fromCodePoint(Number(code.startsWith("x") ? `0${code}` : code)),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

/** The objects that a DeleteObjects request names. */
export const readDeletes = (xml: string): readonly { key: string; versionId?: string }[] =>
  [...xml.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = ""]) => {
    const versionId = element(object, "VersionId");
    return { key: element(object, "Key") ?? "", ...(versionId === undefined ? {} : { versionId }) };
  });

export const readUploadId = (xml: string): string | undefined => element(xml, "UploadId");

/** A 200 whose body says that the operation failed after all. */
export const isErrorBody = (xml: string): boolean => /<Error>/.test(xml);

/** Rewrites the date of a PutObjectRetention or GetObjectRetention body. */
export const mapRetention = (xml: string, translate: (date: Date) => Date): string =>
  xml.replace(/(<RetainUntilDate>)([^<]+)(<)/, (_, before: string, date: string, after: string) =>
    [before, translate(new Date(date)).toISOString(), after].join(""),
  );

/** Rewrites the times of a listing: objects, versions, delete markers, unfinished uploads. */
export const mapListing = (xml: string, bucket: string, times: StoreTimes): string => {
  const urlEncoded = element(xml, "EncodingType") === "url";
  return xml.replace(/<(Contents|Version|DeleteMarker|Upload)>.*?<\/\1>/gs, (entry) => {
    const written = element(entry, "Key") ?? "";
    const key = urlEncoded ? decodeURIComponent(written.replaceAll("+", " ")) : written;
    const versionId = element(entry, "VersionId");
    const ref = { bucket, key, ...(versionId === undefined ? {} : { versionId }) };
    const uploadId = element(entry, "UploadId");
    return entry.replace(/<(LastModified|Initiated)>([^<]+)</, (_, name: string, date: string) => {
      const told = new Date(date);
      const time = uploadId === undefined ? times.writtenFromStore(ref, told) : times.uploadInitiated(uploadId, told);
      return `<${name}>${time.toISOString()}<`;
    });
  });
};

/** Headers that vouch for a body, made anew after it was rewritten. */
export const bodyHeaders = (headers: Readonly<Record<string, string>>, body: Buffer): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !/^x-amz-(checksum|sdk-checksum)/.test(name))),
  "content-md5": createHash("md5").update(body).digest("base64"),
  "x-amz-content-sha256": createHash("sha256").update(body).digest("hex"),
  "content-length": String(body.length),
});
