/**
 * Header values as text. Node.js gives and takes the bytes of a header as Latin-1; signatures are made of UTF-8. S3 itself
 * answers in ASCII; other servers give back what they were sent.
 */
const utf8 = new TextDecoder("utf-8", { fatal: true });
const isAscii = (value: string): boolean => !/[^\p{ASCII}]/u.test(value);

/** What stands in a header, read as UTF-8 where it is that. */
export const headerText = (value: string): string => {
  if (isAscii(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
};

/** What Node.js is to be given so that the UTF-8 bytes of `text` are sent. */
export const headerBytes = (text: string): string =>
  isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
