/** Whatever a key may be travels to S3 and back by our client as it is: each request, over HTTP, signed. */
import type { S3Client } from "@aws-sdk/client-s3";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { seeded } from "../pack/support";
import { must } from "../support/must";
import { startS3Server, type RunningS3Server } from "../support/s3-server/s3-server";
import { strangeKeys } from "../support/strange-keys";

const BUCKET = "files";
const keys = strangeKeys(seeded(7), 150);
const PAGE = 40;

let server: RunningS3Server;
let client: S3Client;
let store: S3Store;
beforeAll(async () => {
  server = await startS3Server({ pageLimit: PAGE });
  const { endpoint, credentials } = server;
  client = createS3Client({ region: "eu-central-1", endpoint, credentials, maxAttempts: 1 });
  store = new S3Store(client);
  server.store.createBucket(BUCKET, { versioned: true });
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

const sorted = (names: Iterable<string>): string[] =>
  [...names].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
/** Which keys something went wrong with, in words. */
const faults = async (work: (key: string) => Promise<string | undefined>): Promise<string[]> => {
  const found: string[] = [];
  for (const key of keys) {
    const wrong = await work(key).catch((error: unknown) => String(error));
    if (wrong !== undefined) found.push(`${JSON.stringify(key)}: ${wrong}`);
  }
  return found;
};

test("put, looked at and read", async () => {
  const wrong = await faults(async (key) => {
    const ref = { bucket: BUCKET, key };
    await store.put({ ...ref, body: Buffer.from(key), onlyIfAbsent: true });
    if (server.store.versions(BUCKET, key).length !== 1) return "put elsewhere";
    const { size } = await store.head(ref);
    const pieces: Uint8Array[] = [];
    for await (const piece of (await store.get(ref)).body) pieces.push(piece);
    return size === Buffer.byteLength(key) && Buffer.concat(pieces).equals(Buffer.from(key)) ? undefined : "read wrong";
  });
  expect(wrong).toEqual([]);
  expect(sorted(server.store.versions(BUCKET).map(({ key }) => key))).toEqual(sorted(keys));
});

test("listed in pages, with versions, from any of them on", async () => {
  const listed: string[] = [];
  for (let token: string | undefined, more = true; more;) {
    const page = await store.list(BUCKET, { prefix: "", ...(token === undefined ? {} : { token }) });
    listed.push(...page.objects.map(({ key }) => key));
    token = page.nextToken;
    more = token !== undefined;
  }
  expect(listed).toEqual(sorted(keys));
  const versions: string[] = [];
  for (let from: { keyMarker: string } | undefined, more = true; more;) {
    const page = await store.listVersions(BUCKET, { prefix: "", ...from });
    versions.push(...page.versions.map(({ key }) => key));
    from = page.next;
    more = from !== undefined;
  }
  expect(versions).toEqual(sorted(keys));
  const inOrder = sorted(keys);
  const wrong = await faults(async (key) => {
    const { objects } = await store.list(BUCKET, { prefix: "", startAfter: key });
    const next = inOrder[inOrder.indexOf(key) + 1];
    if (objects[0]?.key !== next) return `followed by ${JSON.stringify(objects[0]?.key)}`;
    const own = await store.listVersions(BUCKET, { prefix: key });
    return own.versions[0]?.key === key ? undefined : "not found by its prefix";
  });
  expect(wrong).toEqual([]);
});

test("written in parts and copied", async () => {
  const wrong = await faults(async (key) => {
    const ref = { bucket: BUCKET, key };
    const uploadId = await store.createMultipart(ref);
    const part = await store.uploadPart(ref, uploadId, 1, Buffer.from("in parts"));
    const { uploads } = await store.listMultiparts(BUCKET, { prefix: "" });
    if (uploads[0]?.key !== key) return `listed as ${JSON.stringify(uploads[0]?.key)}`;
    const { parts } = await store.listParts(ref, uploadId);
    await store.completeMultipart(ref, uploadId, [part], {});
    const versionId = must(server.store.versions(BUCKET, key)[0]?.versionId);
    await store.copy({ ...ref, versionId }, { bucket: BUCKET, key: "the copy" });
    const copied = server.store.bytes(BUCKET, "the copy").toString();
    return parts.length === 1 && copied === "in parts" ? undefined : `copied as ${copied}`;
  });
  expect(wrong).toEqual([]);
});
