/** The format document's own commands, run as they stand there, against an S3 server and with the AWS command line. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseEntry, manifest, recoveryPointEntry, type Manifest } from "../../lambda/snapshot/manifest";
import { manifestKey } from "../../lambda/storage/object-keys";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { createMotoBucket, motoCredentials, startMoto, type Moto } from "../support/moto";
import { BUCKET, bytesOf, MapSource, packNight, PLACE, seeded, uuid } from "./support";

const DOCUMENT = join(__dirname, "../../docs/data-format.md");
const REGION = "eu-central-1";
const folder = mkdtempSync(join(tmpdir(), "data-format-"));
let moto: Moto;
beforeAll(async () => (moto = await startMoto()));
afterAll(async () => {
  await moto?.stop();
  rmSync(folder, { recursive: true });
});

/** The shell block of the document that has the Python in it. */
function commands(): string {
  const blocks = [...readFileSync(DOCUMENT, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    (match) => match[1] ?? "",
  );
  return blocks.find((text) => text.includes("python3 -")) ?? "";
}

test("the Python in the document is at most ten lines", () => {
  const python = /<<'EOF'\n([\s\S]*?)^EOF$/m.exec(commands())?.[1] ?? "";
  expect(python).toContain("zlib");
  expect(python.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
});

test("the document's commands fetch any file of a snapshot", async () => {
  await createMotoBucket(moto, BUCKET, { region: REGION, objectLock: true });
  const store = new S3Store(createS3Client({ region: REGION, endpoint: moto.endpoint, credentials: motoCredentials }));
  const next = seeded(99);
  const first = uuid(next);
  const files = new Map<string, Buffer>([
    [first, bytesOf(next, 70_000)],
    [uuid(next), Buffer.alloc(0)],
    ["a folder/ümläut \u{1f600}.txt", Buffer.from("hostile")],
    ["l".repeat(600), Buffer.alloc(12_000_000, "large and compressible ")],
  ]);
  const keys = [...files.keys()];
  const monday = await packNight(store, {
    night: 1,
    keys,
    source: new MapSource(files),
    base: null,
    random: next,
    limits: { partLines: 2 },
  });
  const added = uuid(next);
  files.set(added, bytesOf(next, 513));
  // The second night carries over the first one's packs, and its index has one part for each two lines.
  const tuesday = await packNight(store, {
    night: 2,
    keys: [...keys, added],
    source: new MapSource(files),
    base: monday,
    random: next,
    limits: { partLines: 2 },
  });
  expect(tuesday.packs).toHaveLength(2);
  expect(tuesday.parts.length).toBeGreaterThan(2);

  const key = manifestKey(PLACE, "s2");
  const body = Buffer.from(JSON.stringify(manifest.parse(snapshotOf(tuesday.parts, tuesday.packs))));
  await store.put({ bucket: BUCKET, key, body });
  await store.deleteBatch(BUCKET, [{ key }]); // a delete marker hides nothing

  const commandLine = commands().replaceAll("aws s3api", `aws --endpoint-url ${moto.endpoint} s3api`);
  expect(commandLine).toContain(moto.endpoint);
  for (const file of [added, "a folder/ümläut \u{1f600}.txt", keys[1] as string]) {
    const run = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", commandLine], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_DEFAULT_REGION: REGION,
        BUCKET,
        MANIFEST: key,
        FILE: file,
      },
    });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(readFileSync(join(folder, "restored")).equals(files.get(file) as Buffer)).toBe(true);
  }
}, 180_000);

test("the document names every field of the manifest and of an index line", () => {
  const text = readFileSync(DOCUMENT, "utf8");
  const names = [
    ...Object.keys(manifest.shape).filter((name) => name !== "files"),
    ...Object.keys(manifest.shape.files.shape),
    ...Object.keys(databaseEntry.shape),
    ...Object.keys(recoveryPointEntry.shape),
    ...Object.keys(manifest.shape.files.shape.packs.element.shape),
    ...Object.keys(manifest.shape.files.shape.index.element.shape),
    "marker",
    "offset",
    "rawLength",
    "etag",
    "version",
  ];
  expect(names.filter((name) => !new RegExp(`[\`.]${name}\``).test(text))).toEqual([]);
});

const snapshotOf = (index: Manifest["files"]["index"] | readonly unknown[], packs: readonly unknown[]): unknown => ({
  format: 1,
  snapshotId: "s2",
  attemptId: "a2",
  environmentId: PLACE.environmentId,
  appId: "shop",
  region: REGION,
  replication: "replicated",
  replicationRegion: "eu-west-1",
  tier: "nightly",
  night: "2026-11-02",
  createdAt: "2026-11-02T00:10:00Z",
  completedAt: "2026-11-02T00:20:00Z",
  expiresAt: "2026-11-16T00:10:00Z",
  createdBy: "Nightly",
  comment: "",
  modelVersion: "1.0.0",
  consistency: "reference-query",
  baseSnapshotId: "s1",
  database: {
    key: "database.gz",
    versionId: "v",
    size: 1,
    sha256: "0".repeat(64),
    crc32: 0,
    dumpSize: 1,
    dumpSha256: "0".repeat(64),
    dumpCrc32: 0,
    segment: { offset: 10, length: 1 },
    databaseSize: 1,
    serverVersion: "15.0",
    dumpVersion: "15.0",
    encoding: "UTF8",
    collate: "C",
    ctype: "C",
    extensions: [],
    policyRoles: [],
  },
  files: { count: 5, bytes: 1, missing: { count: 0, keys: [] }, index, packs },
  warnings: [],
});
