/** Files with every attribute that S3 keeps, and keys of all sorts; and what a bucket holds below a prefix, in full. */
import { createHash } from "node:crypto";
import { keptAttributes } from "../../lambda/snapshot/file-attributes";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { PART_BYTES, type ObjectStore } from "../../lambda/storage/object-store";
import { FILES_BUCKET } from "../support/collaborators";

interface File {
  readonly key: string;
  readonly body: Buffer;
  readonly attributes?: ObjectAttributes;
}

const EVERY_ATTRIBUTE: ObjectAttributes = {
  contentType: "text/html; charset=utf-8",
  contentEncoding: "gzip",
  contentDisposition: 'attachment; filename="it\'s.html"',
  contentLanguage: "nl, de",
  cacheControl: "max-age=60",
  expires: "Wed, 21 Oct 2026 07:28:00 GMT",
  redirect: "/elsewhere.html",
  metadata: { owner: "app", "with-dash": "a b;c=d" },
  tags: { class: "secret", "a key": "a value/+=" },
  storageClass: "STANDARD_IA",
};
const KEYS = [
  "/a.txt",
  ".",
  "..",
  "./x",
  "a/../b",
  "tab\there",
  "line\nbreak",
  "ünïcode €",
  "a b+c%20d",
  "x".repeat(900),
];

export const FILES: readonly File[] = [
  { key: "0a0b0c0d-0000-4000-8000-000000000001", body: Buffer.from("plain") },
  { key: "empty", body: Buffer.alloc(0) },
  { key: "everything", body: Buffer.from("<p>"), attributes: EVERY_ATTRIBUTE },
  ...Object.entries(EVERY_ATTRIBUTE).map(([name, value]) => ({
    key: `only ${name}`,
    body: Buffer.from(name),
    attributes: { [name]: value as unknown } as ObjectAttributes,
  })),
  { key: "large", body: Buffer.alloc(PART_BYTES + 5, "large "), attributes: EVERY_ATTRIBUTE },
  ...KEYS.map((key) => ({ key, body: Buffer.from(key) })),
];

export const putFiles = async (store: ObjectStore, prefix: string): Promise<void> => {
  for (const { key, body, attributes } of FILES) {
    const ref = { bucket: FILES_BUCKET, key: prefix + key, ...(attributes === undefined ? {} : { attributes }) };
    if (body.length <= PART_BYTES) {
      await store.put({ ...ref, body });
      continue;
    }
    const uploadId = await store.createMultipart(ref);
    const parts = [await store.uploadPart(ref, uploadId, 1, body.subarray(0, PART_BYTES))];
    parts.push(await store.uploadPart(ref, uploadId, 2, body.subarray(PART_BYTES)));
    await store.completeMultipart(ref, uploadId, parts, {});
  }
};

/** By key: SHA-256 and attributes, without a restore's own mark. */
export const filesBelow = async (store: ObjectStore, prefix: string): Promise<Record<string, unknown>> => {
  const found: Record<string, unknown> = {};
  let token: string | undefined;
  do {
    const page = await store.list(FILES_BUCKET, { prefix, ...(token === undefined ? {} : { token }) });
    for (const { key } of page.objects) {
      const { body, metadata, attributes } = await store.get({ bucket: FILES_BUCKET, key });
      const hash = createHash("sha256");
      for await (const piece of body) hash.update(piece);
      found[key.slice(prefix.length)] = {
        sha256: hash.digest("hex"),
        attributes: keptAttributes({ ...attributes, metadata }),
      };
    }
    token = page.nextToken;
  } while (token !== undefined);
  return found;
};
