/**
 * Keys as they travel in S3's XML and headers. Lists are asked for URL-encoded, since XML can't carry every character
 * a key may have; a server that ignores the wish says so by not repeating it.
 */
import { isWellFormed } from "../pack/key-order";
import type { CopySource } from "./object-store";

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
export const copySource = ({ bucket, key, versionId }: CopySource): string => {
  const path = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
};

/**
 * Whether the XML of DeleteObjects can carry the key as it is: XML 1.0 has no control characters but tab and line ends,
 * and neither U+FFFE nor U+FFFF; half a surrogate pair is no text at all.
 */
export const isXmlText = (key: string): boolean =>
  isWellFormed(key) && !/[^\P{Cc}\t\n\r\u0080-\u009F]|[\uFFFE\uFFFF]/u.test(key);
