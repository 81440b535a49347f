/** CRC-32 as S3 writes it (base64 of four big-endian bytes) and as the manifest does (an unsigned number). */
export const crc32ToBase64 = (crc32: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32 >>> 0);
  return bytes.toString("base64");
};

/** Undefined when the text is no CRC-32, such as the composite checksum of a multipart upload (`…-3`). */
export const crc32FromBase64 = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^[A-Za-z0-9+/]{6}==$/.test(text)) return undefined;
  return Buffer.from(text, "base64").readUInt32BE();
};
