import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { SimulatedClock } from "../../local/clock/simulated-clock";
import { CallRecord } from "../../local/gateway/call-record";
import { Cors } from "../../local/gateway/cors";
import { Gateway } from "../../local/gateway/gateway";
import { S3Gateway } from "../../local/gateway/s3-gateway";
import { StoreTimes } from "../../local/gateway/store-times";
import { UpstreamStore } from "../../local/gateway/upstream-store";
import { Replication } from "../../local/replication/replication";
import { startS3Server, type RunningS3Server } from "../support/s3-server/s3-server";

const DAY = 86_400_000;
const KEY = "replicated/shop/packs/a b+ü.tar.gz";

let server: RunningS3Server;
let gateway: Gateway;
let clock: SimulatedClock;
let calls: CallRecord;
let replication: Replication;
let client: S3Client;
let administrator: UpstreamStore;

beforeEach(async () => {
  server = await startS3Server();
  const upstream = { url: new URL(server.endpoint), credentials: server.credentials };
  clock = new SimulatedClock();
  calls = new CallRecord();
  administrator = new UpstreamStore(() => upstream, "eu-central-1");
  const times = new StoreTimes(clock, administrator);
  const rules = [{ bucket: "primary", prefix: "replicated/", destination: "replica" }];
  replication = new Replication(rules, administrator, times, clock);
  const s3 = new S3Gateway(() => upstream, times, calls, replication);
  gateway = new Gateway({
    account: "123456789012",
    clock,
    calls,
    s3,
    cors: new Cors(new Map(), (origin) => origin),
    servicesOf: () => upstream,
    local: {},
    unsigned: () => undefined,
  });
  const endpoint = await gateway.listen();
  client = new S3Client({
    endpoint: endpoint.origin,
    region: "eu-central-1",
    credentials: { accessKeyId: "some-role", secretAccessKey: "whatever" },
    maxAttempts: 1,
  });
  for (const Bucket of ["primary", "replica"]) {
    await administrator.clientOf("").send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  }
  await clock.skipTo(new Date(Date.now() + 30 * DAY));
});
afterEach(async () => {
  clock.stop();
  gateway.close();
  client.destroy();
  await server.stop();
});

const inDays = (days: number): Date => new Date(Math.ceil((clock.now().getTime() + days * DAY) / 1000) * 1000);
const settled = (): Promise<void> => clock.advanceTo(clock.now());
const put = async (until: Date): Promise<string> => {
  const { VersionId = "" } = await client.send(
    new PutObjectCommand({
      Bucket: "primary",
      Key: KEY,
      Body: "bytes",
      Metadata: { restore: "1" },
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate: until,
    }),
  );
  return VersionId;
};
const lockAt = async (Bucket: string, VersionId?: string): Promise<Date | undefined> =>
  (await client.send(new HeadObjectCommand({ Bucket, Key: KEY, VersionId }))).ObjectLockRetainUntilDate;
const deletion = (VersionId: string): Promise<unknown> =>
  client.send(new DeleteObjectCommand({ Bucket: "primary", Key: KEY, VersionId }));

test("the server locks by its own clock, and the service sees its own dates", async () => {
  const until = inDays(14);
  const version = await put(until);
  expect(await lockAt("primary", version)).toEqual(until);
  const real = await administrator.lockOf({ bucket: "primary", key: KEY, versionId: version });
  const ahead = (real?.until.getTime() ?? 0) - Date.now();
  expect(ahead / DAY).toBeCloseTo(14, 2);
});

test("a lock holds until its second on the simulated clock, and not longer", async () => {
  const until = inDays(14);
  const version = await put(until);
  await clock.skipTo(new Date(until.getTime() - 4_000));
  await expect(deletion(version)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await clock.skipTo(until);
  const { Errors } = await client.send(
    new DeleteObjectsCommand({ Bucket: "primary", Delete: { Objects: [{ Key: KEY, VersionId: version }] } }),
  );
  expect(Errors).toBeUndefined();
  await expect(lockAt("primary", version)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
});

test("a version whose write was never answered is known from the first look at it", async () => {
  const until = inDays(14);
  // As the gateway passes it on: by the server's clock. Nobody records it.
  const real = new Date(until.getTime() - clock.offsetMs);
  const { VersionId: version = "" } = await administrator.clientOf("").send(
    new PutObjectCommand({
      Bucket: "primary",
      Key: KEY,
      Body: "bytes",
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate: real,
    }),
  );
  expect(await lockAt("primary", version)).toEqual(until);
  await clock.skipTo(new Date(until.getTime() - 4_000));
  await expect(deletion(version)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await clock.skipTo(until);
  await deletion(version);
});

test("extending a lock after a jump is an extension for the server too, and shortening is refused", async () => {
  const until = inDays(14);
  const version = await put(until);
  await settled();
  await clock.skipTo(inDays(10));
  const retain = (date: Date): Promise<unknown> =>
    client.send(
      new PutObjectRetentionCommand({
        Bucket: "primary",
        Key: KEY,
        VersionId: version,
        Retention: { Mode: "GOVERNANCE", RetainUntilDate: date },
      }),
    );
  await expect(retain(inDays(1))).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  const extended = new Date(until.getTime() + 5 * DAY);
  await retain(extended);
  expect(await lockAt("primary", version)).toEqual(extended);
  await settled();
  expect(await lockAt("replica")).toEqual(extended);
});

test("the replica gets data, metadata and lock under a version id of its own, and what is elsewhere stays", async () => {
  const until = inDays(14);
  const version = await put(until);
  await client.send(new PutObjectCommand({ Bucket: "primary", Key: "single-region/shop/x", Body: "bytes" }));
  await settled();
  expect(replication.failures).toEqual([]);
  const found = await client.send(new GetObjectCommand({ Bucket: "replica", Key: KEY }));
  expect(await found.Body?.transformToString()).toBe("bytes");
  expect(found.Metadata).toEqual({ restore: "1" });
  expect(found.ReplicationStatus).toBe("REPLICA");
  expect(found.VersionId).not.toBe(version);
  expect(await lockAt("replica")).toEqual(until);
  expect((await client.send(new HeadObjectCommand({ Bucket: "primary", Key: KEY }))).ReplicationStatus).toBe(
    "COMPLETED",
  );
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: "replica" }));
  expect(Versions?.map(({ Key }) => Key)).toEqual([KEY]);
});

test("multipart uploads are replicated once they are complete, and the clock waits for it", async () => {
  const target = { Bucket: "primary", Key: KEY };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const { ETag } = await client.send(
    new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: Buffer.alloc(100) }),
  );
  await settled();
  expect(replication.copied).toBe(0);
  await client.send(
    new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }),
  );
  await clock.advanceTo(inDays(1));
  expect(replication.copied).toBe(1);
});

test("objects are as old as the simulated clock says, in listings and in answers", async () => {
  await put(inDays(30));
  const written = clock.now().getTime();
  await clock.skipTo(inDays(7));
  const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket: "primary" }));
  const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: "primary", Key: KEY }));
  for (const time of [Versions?.[0]?.LastModified, LastModified]) {
    expect(Math.abs((time?.getTime() ?? 0) - written)).toBeLessThan(5_000);
  }
});

test("every call is recorded under IAM's names, with what it needs besides", async () => {
  const version = await put(inDays(1));
  await client.send(
    new DeleteObjectsCommand({
      Bucket: "primary",
      Delete: { Objects: [{ Key: KEY, VersionId: version }] },
      BypassGovernanceRetention: true,
    }),
  );
  await client.send(new DeleteObjectCommand({ Bucket: "primary", Key: KEY }));
  const resource = `arn:aws:s3:::primary/${KEY}`;
  expect(calls.calls().map(({ role, action, resource: on }) => [role, action, on])).toEqual([
    ["some-role", "s3:PutObject", resource],
    ["some-role", "s3:PutObjectRetention", resource],
    ["some-role", "s3:DeleteObjectVersion", resource],
    ["some-role", "s3:BypassGovernanceRetention", resource],
    ["some-role", "s3:DeleteObject", resource],
  ]);
});

test("an operation that nothing here knows is answered with an error and remembered", async () => {
  await expect(client.send(new CreateBucketCommand({ Bucket: "another" }))).rejects.toBeDefined();
  expect(gateway.unknown).toEqual([expect.stringContaining("PUT another/")]);
});
