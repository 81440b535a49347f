/** An upload through S3's own protocol: parts put by a plain HTTP client at presigned addresses, then unpacked. */
import { gzipSync } from "node:zlib";
import { randomBytes } from "node:crypto";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { S3Presigner } from "../../lambda/runtime/presigner-client";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { createUpload } from "../../lambda/upload/create-upload";
import { partUrls, uploadedParts } from "../../lambda/upload/parts";
import { PRIMARY_BUCKET, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import type { MemoryStore } from "../support/memory-store";
import { motoCredentials, startMoto } from "../support/moto";
import { dumpWithRows } from "./dump-maker";
import { file, tar, treeName, uuid } from "./tar-maker";
import { ENVIRONMENT, manifestOf, runUpload, uploadWorld } from "./upload-fixture";

test("parts put by a plain client become a snapshot that verifies, and the uploaded object goes", async () => {
  const moto = await startMoto();
  const options = { region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials };
  const client = createS3Client(options);
  try {
    await client.send(new CreateBucketCommand({ Bucket: PRIMARY_BUCKET, ObjectLockEnabledForBucket: true }));
    await client.send(new CreateBucketCommand({ Bucket: TRANSFER_BUCKET }));
    const store = new S3Store(client);
    const presigner = new S3Presigner({ ...options, clock: { now: () => new Date() } });
    const world = { ...(await uploadWorld()), store: store as unknown as MemoryStore } as FakeCollaborators;
    world.clock.set(new Date());

    const pieces: Buffer[] = [];
    for await (const piece of dumpWithRows(100, 50)) pieces.push(piece);
    const archive = tar(file("db/db.backup", Buffer.concat(pieces)), file(treeName(uuid(1)), randomBytes(17_000_000)));
    const body = gzipSync(archive, { level: 1 });
    const wish = {
      environmentId: ENVIRONMENT,
      fileName: "a.tar.gz",
      size: body.length,
      comment: "",
      createdBy: "Operator",
    };
    const upload = await createUpload(world, wish);
    for (const { partNumber, url } of await partUrls({ ...world, presigner }, upload, [2, 1])) {
      const bytes = body.subarray((partNumber - 1) * upload.partSize, partNumber * upload.partSize);
      expect((await fetch(url, { method: "PUT", body: new Uint8Array(bytes) })).status).toBe(200);
    }
    const parts = await uploadedParts(world, upload);
    expect(parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
      [1, upload.partSize],
      [2, body.length - upload.partSize],
    ]);
    await completeUpload(world, upload);
    // An answer that was lost.
    await completeUpload(world, upload);
    const { snapshot } = await runUpload(world, upload);
    expect(snapshot).toMatchObject({ state: "completed", fileCount: 1, filesSize: 17_000_000 });
    const manifest = await manifestOf(world, snapshot);
    expect((await verifySnapshot(store, PRIMARY_BUCKET, manifest, { replica: false })).problems).toEqual([]);
    expect((await store.list(TRANSFER_BUCKET, { prefix: "" })).objects).toEqual([]);
  } finally {
    client.destroy();
    await moto.stop();
  }
}, 60_000);
