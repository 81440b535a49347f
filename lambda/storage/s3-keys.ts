/**
 * Keys as they travel in S3's XML and headers. Lists are asked for URL-encoded, since XML can't carry every character
 * a key may have; a server that ignores the wish says so by not repeating it.
 */
import type { VersionRef } from "./object-store";

/** S3 writes a space as `+`, other servers as `%20`. What isn't encoded after all stays as it is. */
export const decodedKey = (text: string, encoding: string | undefined): string => {
  if (encoding !== "url") return text;
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
};

/** The value of `x-amz-copy-source`. */
export const copySource = ({ bucket, key, versionId }: VersionRef): string =>
  `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}?versionId=${encodeURIComponent(versionId)}`;
