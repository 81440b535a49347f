/** Attributes of files as apps have them, each kind by itself, and mixtures from a seed. */
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { seeded } from "../pack/support";

/** What 08-files.txt has, and what else was found to go wrong somewhere. All of it S3 keeps. */
export const ATTRIBUTES: Readonly<Record<string, ObjectAttributes>> = {
  "page.html": {
    contentType: "text/html; charset=utf-8",
    cacheControl: "max-age=60",
    contentDisposition: "attachment",
    contentLanguage: "nl",
    metadata: { owner: "app" },
    tags: { class: "secret" },
  },
  "page.js.gz": { contentType: "text/javascript", contentEncoding: "gzip" },
  "another default": { contentType: "binary/octet-stream" },
  "expires at a date": { expires: "Wed, 21 Oct 2026 07:28:00 GMT" },
  "expires at once": { expires: "0" },
  "two encodings": { contentEncoding: "br, gzip" },
  "quoted names": { contentDisposition: `attachment; filename="a \\"b\\".txt"; filename*=UTF-8''%C3%A4.txt` },
  "several languages": { contentLanguage: "de, en-GB;q=0.5" },
  redirect: { redirect: "/other/page.html" },
  "redirect to another site": { redirect: "https://www.example.com/a?b=c&d=e#f" },
  "metadata with dashes and digits": { metadata: { "b-c-d0": "x", "x-amz-meta-like": "y", etag: "z" } },
  "metadata with commas and equals signs": { metadata: { list: "a,b, c;d=e&f" } },
  "metadata of the longest kind": { metadata: { long: "x".repeat(2044) } },
  "metadata like ours, of the app's own": { metadata: { "restore-id": "2026-11-30", "Restore-Mark": "x" } },
  "ten tags": { tags: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`tag ${n}`, `=+-._:/@ ${n}`])) },
  "tags with plus signs": { tags: { plus: "a+b c", "1+1": "2" } },
  "a tag without a value": { tags: { empty: "" } },
  "infrequent access": { storageClass: "STANDARD_IA" },
  "one zone": { storageClass: "ONEZONE_IA", contentType: "image/png" },
  "tiering by itself": { storageClass: "INTELLIGENT_TIERING" },
  "reduced redundancy": { storageClass: "REDUCED_REDUNDANCY", tags: { a: "b" } },
  "archived, and read at once": { storageClass: "GLACIER_IR" },
};

/** Values that S3 keeps, and that not every other server does. */
export const DIFFICULT: Readonly<Record<string, ObjectAttributes>> = {
  "metadata with dots and underscores": { metadata: { "a.b-c_d0": "x" } },
  "tags beyond ASCII": { tags: { schlüssel: "größe 10 €", 鍵: "値", plus: "a+b c" } },
  "metadata beyond ASCII": { metadata: { title: "größe 10 €", mark: "値 \u{1f600}" } },
  "metadata without a value": { metadata: { empty: "", full: "x" } },
  "a name beyond ASCII": { contentDisposition: 'attachment; filename="größe.txt"' },
};

/** A mixture; the same seed gives the same ones. */
export const someAttributes = (seed: number): ObjectAttributes => {
  const next = seeded(seed);
  const all = Object.values(ATTRIBUTES).filter((one) => one.storageClass === undefined);
  const pick = (): ObjectAttributes => all[Math.floor(next() * all.length)] ?? {};
  const { metadata = {}, ...mixed } = { ...pick(), ...pick(), ...pick(), ...pick() };
  const short = Object.entries(metadata).filter(([, value]) => value.length < 200);
  const word = (): string => Math.floor(next() * 2 ** 32).toString(36);
  return { ...mixed, metadata: { ...Object.fromEntries(short), [word()]: word(), [word()]: `${word()} ${word()}` } };
};
