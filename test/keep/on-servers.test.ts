/** The locks of a kept snapshot, verified on servers that speak S3: a strict one, and moto. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { KeepScene } from "./keep-scene";
import { manifestEntry } from "../../lambda/backup/committed-manifest";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import type { Lock, ObjectStore } from "../../lambda/storage/object-store";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { ENVIRONMENT } from "../retention/sealed-environment";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { motoCredentials, startMoto, type Moto } from "../support/moto";
import { must } from "../support/must";
import { startS3Server, type RunningS3Server } from "../support/s3-server/s3-server";
import { keep, keepScene, keptUntil } from "./keep-scene";

interface Server {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
let moto: Moto;
let strict: RunningS3Server;
const clients: { destroy(): void }[] = [];
beforeAll(async () => {
  [moto, strict] = await Promise.all([startMoto({ pageLimit: 3 }), startS3Server({ pageLimit: 3 })]);
});
afterEach(() => clients.splice(0).forEach((client) => client.destroy()));
afterAll(async () => {
  await Promise.all([moto.stop(), strict.stop()]);
});

/** Whole seconds, in the servers' own time. */
const inDays = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}Z`;

/** Puts what stands in memory on the server, with its locks; the manifest then names the server's versions. */
async function carryOver({ collaborators }: KeepScene, { endpoint, credentials }: Server): Promise<Collaborators> {
  const client = createS3Client({ region: "eu-central-1", endpoint, credentials });
  clients.push(client);
  const server = new S3Store(client);
  const { catalog } = collaborators;
  const { manifest: entry } = must(await catalog.getSnapshot(ENVIRONMENT, "night"));
  const manifestKey = must(entry).key;
  for (const bucket of [PRIMARY_BUCKET, REPLICA_BUCKET])
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const put = async (bucket: string, key: string, body: Uint8Array, lock: Lock | undefined): Promise<string> =>
    (await server.put({ bucket, key, body, ...(lock === undefined ? {} : { lock }) })).versionId ?? "";

  const standing = collaborators.store.versions(PRIMARY_BUCKET);
  let text = Buffer.from(must(standing.find(({ key }) => key === manifestKey)).body).toString();
  for (const { key, body, lock, versionId } of standing) {
    if (key === manifestKey) continue;
    text = text.replaceAll(JSON.stringify(versionId), JSON.stringify(await put(PRIMARY_BUCKET, key, body, lock)));
    await put(REPLICA_BUCKET, key, body, lock);
  }
  const body = Buffer.from(text);
  const { lock } = must(standing.find(({ key }) => key === manifestKey));
  const versionId = await put(PRIMARY_BUCKET, manifestKey, body, lock);
  await put(REPLICA_BUCKET, manifestKey, body, lock);
  await catalog.updateSnapshot(ENVIRONMENT, "night", { manifest: manifestEntry(manifestKey, versionId, body) });
  return { ...collaborators, store: server, replicaStore: server, remainingMs: () => 900_000 };
}

async function locksOf(store: ObjectStore, bucket: string): Promise<readonly string[]> {
  const found: string[] = [];
  let next: { keyMarker?: string; versionIdMarker?: string } | undefined = {};
  while (next !== undefined) {
    const page = await store.listVersions(bucket, { prefix: "replicated/", ...next });
    for (const { key, versionId } of page.versions) {
      if (key.includes("/records/")) continue;
      found.push((await store.head({ bucket, key, versionId })).lock?.until.toISOString() ?? "none");
    }
    next = page.next;
  }
  return found;
}

test.each(["strict", "moto"] as const)("on the %s server every object is locked until the new date", async (kind) => {
  const scene = await keepScene({ tier: "weekly" }, new Date());
  const server =
    kind === "strict"
      ? { endpoint: strict.endpoint, credentials: strict.credentials }
      : { endpoint: moto.endpoint, credentials: motoCredentials };
  const collaborators = await carryOver(scene, server);
  const until = inDays(500);
  expect(await keep(collaborators, { until })).toMatchObject({ outcome: "done" });
  for (const bucket of [PRIMARY_BUCKET, REPLICA_BUCKET]) {
    const locks = await locksOf(collaborators.store, bucket);
    expect(locks).toHaveLength(5);
    expect(new Set(locks)).toEqual(new Set([new Date(until).toISOString()]));
  }
  expect(await keptUntil(collaborators, scene.environment)).toBe(until);
  if (kind === "moto") return;
  // And nobody shortens them: not even a seal that carries a pack over for less long.
  const { key = "", versionId = "" } =
    (await collaborators.store.listVersions(PRIMARY_BUCKET, { prefix: "replicated/" })).versions[0] ?? {};
  await expect(
    collaborators.store.retain(
      { bucket: PRIMARY_BUCKET, key, versionId },
      { mode: "GOVERNANCE", until: new Date(inDays(200)) },
    ),
  ).rejects.toThrow(AccessRefused);
});
