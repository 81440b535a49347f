/** The same build through S3's own protocol, and presigned URLs that a plain HTTP client follows. */
import { sweepTransfer } from "../../lambda/transfer/sweep-transfer";
import { createLink, followLink } from "../../lambda/archive/links";
import { S3Presigner } from "../../lambda/runtime/presigner-client";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { tarPath } from "../../lambda/pack/tar-path";
import { bytesOf, seeded } from "../pack/support";
import { fakeCollaborators, PRIMARY_BUCKET, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import type { MemoryStore } from "../support/memory-store";
import { motoCredentials, startMoto } from "../support/moto";
import { startS3Server } from "../support/s3-server/s3-server";
import { ask, begin, buildAll, DUMP, item, seal } from "./archive-fixture";
import { entriesOf } from "./read-archive";

interface Running {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}
const SERVERS: Record<string, () => Promise<Running>> = {
  moto: async () => ({ ...(await startMoto()), credentials: motoCredentials }),
  "a strict server": async () => startS3Server(),
};
const next = seeded(21);
const FILES = new Map([
  ["a", bytesOf(next, 5_000)],
  ["b", bytesOf(next, 200)],
  ["c", bytesOf(next, 11_000_000)],
  ["d", bytesOf(next, 300)],
]);

describe.each(Object.entries(SERVERS))("%s", (name, start) => {
  let server: Running;
  let c: FakeCollaborators;
  let store: S3Store;
  const clients: { destroy(): void }[] = [];
  beforeAll(async () => {
    server = await start();
    const options = { region: "eu-central-1", endpoint: server.endpoint, credentials: server.credentials };
    const client = createS3Client(options);
    clients.push(client);
    await client.send(new CreateBucketCommand({ Bucket: PRIMARY_BUCKET, ObjectLockEnabledForBucket: true }));
    await client.send(new CreateBucketCommand({ Bucket: TRANSFER_BUCKET }));
    store = new S3Store(client);
    const memoryOnly = { replicateTo: () => undefined, resetRequests: () => undefined };
    const asMemory = Object.assign(store, memoryOnly) as unknown as MemoryStore;
    c = Object.assign(fakeCollaborators({ now: new Date() }), { store: asMemory });
    await seal(c, {
      files: FILES,
      isDead: (key) => key === "b",
      manifest: { expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
    });
  }, 120_000);
  afterAll(async () => {
    clients.forEach((client) => client.destroy());
    await server.stop();
  });

  test("puts an archive together, partly by copying", async () => {
    await ask(c);
    await begin(c);
    let calls = 0;
    Object.assign(c, { remainingMs: () => (calls++ % 2 === 0 ? 900_000 : 0) });
    const built = await buildAll(c);
    expect(built).toMatchObject({ outcome: "done" });
    expect(built.calls).toBeGreaterThan(1);
    const { key, size } = await item(c);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.get({ bucket: TRANSFER_BUCKET, key })).body) chunks.push(chunk);
    const archive = Buffer.concat(chunks);
    expect(archive.length).toBe(size);
    const entries = await entriesOf(archive);
    expect([...entries.keys()]).toEqual([".metadata", "db/db.backup", ...["a", "c", "d"].map(tarPath)]);
    expect(entries.get("db/db.backup")?.equals(DUMP)).toBe(true);
    expect(entries.get(tarPath("c"))?.equals(FILES.get("c") ?? Buffer.alloc(0))).toBe(true);
    expect((await store.listMultiparts(TRANSFER_BUCKET, { prefix: "" })).uploads).toEqual([]);
  }, 60_000);

  // The strict server knows no signatures in a query.
  if (name === "moto") {
    test("a link's URL downloads the file under its name, ranges too", async () => {
      const { endpoint, credentials } = server;
      const presigner = new S3Presigner({
        region: "eu-central-1",
        endpoint,
        credentials,
        clock: { now: () => new Date() },
      });
      const { token } = await createLink(c, await item(c), "operator@example.com");
      const url = (await followLink({ ...c, presigner }, token)) ?? "";
      expect(url).toContain(`${endpoint}/${TRANSFER_BUCKET}/archives/`);
      const answer = await fetch(url);
      const { size, fileName } = await item(c);
      expect(answer.status).toBe(200);
      // S3 answers with these headers; moto ignores them.
      const { searchParams } = new URL(url);
      expect(searchParams.get("response-content-disposition")).toBe(`attachment; filename="${fileName}"`);
      expect(searchParams.get("response-content-type")).toBe("application/gzip");
      expect(searchParams.get("X-Amz-Expires")).toBe("900");
      expect((await answer.arrayBuffer()).byteLength).toBe(size);
      // S3 checks that the method is the one that was signed; moto takes either.
      const head = (await followLink({ ...c, presigner }, token, "HEAD")) ?? "";
      expect((await fetch(head, { method: "HEAD" })).headers.get("content-length")).toBe(String(size));
      const signature = (signed: string): string | null => new URL(signed).searchParams.get("X-Amz-Signature");
      expect(signature(head)).not.toBe(
        signature(
          (
            await presigner.getUrl(
              { bucket: TRANSFER_BUCKET, key: (await item(c)).key },
              { seconds: 900, fileName, method: "GET" },
            )
          ).url,
        ),
      );
      const rest = await fetch(url, { headers: { range: "bytes=10-" } });
      expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([206, (size ?? 0) - 10]);
    });

    test("a part's URL takes exactly that part", async () => {
      const { endpoint, credentials } = server;
      const presigner = new S3Presigner({
        region: "eu-central-1",
        endpoint,
        credentials,
        clock: { now: () => new Date() },
      });
      const ref = { bucket: TRANSFER_BUCKET, key: "uploads/u/archive" };
      const uploadId = await store.createMultipart(ref);
      const url = await presigner.partUrl(ref, { uploadId, partNumber: 1, seconds: 60 });
      const answer = await fetch(url, { method: "PUT", body: "content" });
      expect(answer.status).toBe(200);
      const etag = (answer.headers.get("etag") ?? "").replaceAll('"', "");
      await store.completeMultipart(ref, uploadId, [{ partNumber: 1, etag }], {});
      expect((await store.head(ref)).size).toBe(7);
    });
  }

  test("nothing is left after a day", async () => {
    await store.createMultipart({ bucket: TRANSFER_BUCKET, key: "archives/forgotten/file" });
    await store.put({ bucket: TRANSFER_BUCKET, key: "archives/forgotten/progress.json", body: Buffer.from("{}") });
    await sweepTransfer(c);
    expect((await store.list(TRANSFER_BUCKET, { prefix: "archives/" })).objects.length).toBeGreaterThan(1);
    c.clock.set(new Date(Date.now() + 25 * 3_600_000));
    Object.assign(c, { remainingMs: () => 900_000 });
    await sweepTransfer(c);
    expect((await store.list(TRANSFER_BUCKET, { prefix: "" })).objects).toEqual([]);
    expect((await store.listMultiparts(TRANSFER_BUCKET, { prefix: "" })).uploads).toEqual([]);
  });
});
