/** What is uploaded becomes a snapshot: archives in any order, made by anybody, and dumps alone. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { tarPath } from "../../lambda/pack/tar-path";
import { testProgram } from "../support/test-programs";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { createRoles, createSample } from "../database-task/sample-database";
import { PRIMARY_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { directory, file, pax, tar, treeName, uuid } from "./tar-maker";
import { dumpOf, filesOf, manifestOf, pgDump, runUpload, uploadBytes, uploadWorld } from "./upload-fixture";

const PYTHON = "import sys, tarfile\nwith tarfile.open(fileobj=sys.stdout.buffer, mode='w|gz') as tar: tar.add('.')";

let server: PostgresServer;
let dump: Buffer;
beforeAll(async () => {
  server = await startPostgres();
  await createRoles(server);
  await createSample(server, "sample");
  dump = pgDump(server, "sample");
}, 60_000);
afterAll(() => server?.stop());

test("an archive with its entries in any order becomes a snapshot kept for three months", async () => {
  const world = await uploadWorld();
  const contents = Array.from({ length: 40 }, (_, n) => [uuid((n * 17) % 40), `file ${n}\n`.repeat(n)] as const);
  const files = contents.map(([key, text]) => file(treeName(key), text));
  const metadata = JSON.stringify({ modelVersion: "1.2.3", databaseSize: "9000000", dumpSize: "1" });
  const archive = tar(
    ...files.slice(0, 20),
    file("db/db.backup", dump),
    pax({ mtime: "1.5", comment: "\u00e4" }),
    file(".metadata", metadata),
    ...files.slice(20),
  );
  const upload = await uploadBytes(world, gzipSync(archive), "from the old platform");
  const { snapshot, upload: after } = await runUpload(world, upload);
  expect(snapshot).toMatchObject({
    state: "completed",
    tier: "uploaded",
    createdBy: "Operator",
    comment: "from the old platform",
    modelVersion: "1.2.3",
    createdAt: "2026-12-05T00:00:00Z",
    expiresAt: "2027-03-05T00:00:00Z",
    dumpSize: dump.length,
    databaseSize: 9_000_000,
    fileCount: 40,
    filesSize: contents.reduce((sum, [, text]) => sum + text.length, 0),
  });
  expect(after).toMatchObject({ state: "completed", snapshotId: snapshot.snapshotId });
  const manifest = await manifestOf(world, snapshot);
  expect(manifest).toMatchObject({ consistency: "uploaded", baseSnapshotId: null });
  expect(manifest.database).toMatchObject({
    encoding: "UTF8",
    policyRoles: ["App Reader"],
    dumpVersion: manifest.database.serverVersion,
    databaseSize: 9_000_000,
  });
  expect(manifest.database.serverVersion).toMatch(/^15\.\d+$/);
  expect(filesOf(world, manifest)).toEqual(Object.fromEntries(contents.map(([key, text]) => [treeName(key), text])));
  expect(dumpOf(world, manifest).equals(dump)).toBe(true);
  expect(world.store.versions(TRANSFER_BUCKET)).toEqual([]);
  expect(await world.catalog.getLease(snapshot.environmentId)).toBeUndefined();
  // Nothing builds on an upload.
  expect(await world.catalog.getEnvironment(snapshot.environmentId)).toMatchObject({
    lastSnapshotId: null,
    lastDurationSeconds: null,
  });
});

test.each(["raw", "gzipped", "in two gzip members"])("a dump alone, %s, has its sizes right", async (how) => {
  const world = await uploadWorld();
  const half = dump.length >> 1;
  const bytes = {
    raw: dump,
    gzipped: gzipSync(dump),
    "in two gzip members": Buffer.concat([gzipSync(dump.subarray(0, half)), gzipSync(dump.subarray(half))]),
  }[how] as Buffer;
  const { snapshot } = await runUpload(world, await uploadBytes(world, bytes));
  expect(snapshot).toMatchObject({
    state: "completed",
    dumpSize: dump.length,
    databaseSize: dump.length,
    filesSize: 0,
    fileCount: 0,
    modelVersion: "",
  });
  expect(dumpOf(world, await manifestOf(world, snapshot)).equals(dump)).toBe(true);
});

test.each([
  ["GNU tar", ["tar", "--format=gnu", "-czf", "-", "."]],
  ["GNU tar, posix", ["tar", "--format=posix", "-czf", "-", "."]],
  ["GNU tar, ustar", ["tar", "--format=ustar", "-czf", "-", "--exclude=k*", "."]],
  ["GNU tar, v7", ["tar", "--format=v7", "-czf", "-", "--exclude=k*", "db", ".metadata", "tree"]],
  ["GNU tar, the oldest of GNU's formats", ["tar", "--format=oldgnu", "-czf", "-", "tree", "db"]],
  ["bsdtar, filled up with zeros", ["bsdtar", "-czf", "-", "."]],
  ["bsdtar, pax", ["bsdtar", "--format=pax", "-czf", "-", "."]],
  ["Python", ["python3", "-c", PYTHON]],
])("an archive by %s is read", async (_, [program = "", ...args]) => {
  const world = await uploadWorld();
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  const keys = [uuid(1), uuid(2), "k".repeat(180)];
  try {
    for (const [name, body] of [
      ["db/db.backup", dump],
      [".metadata", "{}"],
      ...keys.map((key) => [tarPath(key), key]),
    ] as const) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), body);
    }
    const bytes = execFileSync(program === "bsdtar" ? testProgram(program) : program, args, {
      cwd: folder,
      maxBuffer: 1e9,
    });
    const { snapshot } = await runUpload(world, await uploadBytes(world, bytes));
    expect(snapshot).toMatchObject({ state: "completed", dumpSize: dump.length });
    const expected = args.includes("--exclude=k*") ? keys.slice(0, 2) : keys;
    expect(filesOf(world, await manifestOf(world, snapshot))).toEqual(
      Object.fromEntries(expected.map((key) => [tarPath(key), key])),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("names with a leading dot, directories and long keys are what GNU tar makes of a folder", async () => {
  const world = await uploadWorld();
  const archive = tar(
    directory("./"),
    directory("./db/"),
    file("./db/db.backup", dump),
    directory("./tree/00/00/"),
    file(`./${treeName(uuid(1))}`, "one"),
  );
  const { snapshot } = await runUpload(world, await uploadBytes(world, gzipSync(archive)));
  expect(snapshot).toMatchObject({ state: "completed", fileCount: 1, filesSize: 3 });
  expect(world.store.versions(PRIMARY_BUCKET).map(({ lock }) => lock?.until.toISOString().slice(0, 10))).toEqual(
    world.store.versions(PRIMARY_BUCKET).map(({ key }) => (key.includes("/records/") ? undefined : "2027-03-05")),
  );
});
