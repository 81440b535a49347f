/** The environment's files or buckets are not as they should be while a backup or restore reads and writes them. */
import { backUp } from "../crash/runs";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, SOURCE, TARGET } from "../crash/small-world";
import { FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import type { PostgresServer } from "../support/postgres";
import { AccessRefused, StoreUnavailable } from "../../lambda/storage/storage-errors";
import {
  changeRegistration,
  expectSentence,
  expectUnchanged,
  expectWhole,
  faultWorld,
  fileName,
  picture,
  putSourceFile,
  removeSourceFile,
  restoreOf,
  snapshotOf,
  SOURCE_DATABASE,
  sourceKey,
  type FaultWorld,
} from "./fault-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** A file that the earlier snapshot doesn't hold, so that the next one reads it. */
const NEW = 31;
const referToNew = async (world: FaultWorld, body = "as it was at first\n".repeat(50)): Promise<void> => {
  await putSourceFile(world, NEW, body);
  await postgres.query(SOURCE_DATABASE, `INSERT INTO "system$filedocument" VALUES ('${fileName(NEW)}', true)`);
};
afterEach(() =>
  postgres.query(SOURCE_DATABASE, `DELETE FROM "system$filedocument" WHERE "__uuid__" = '${fileName(NEW)}'`),
);

/** As the S3 client's errors begin. */
const WORDS: Readonly<Record<string, string>> = { put: "Writing", get: "Reading", list: "Listing", retain: "Locking" };

/** Requests of the service to `bucket`, of these operations, are answered with 403. */
const forbid = ({ service }: FaultWorld, bucket: string, operations: readonly string[]): void => {
  const { store } = service.base;
  const before = store.onRequest;
  store.onRequest = async (operation, ref) => {
    await before?.(operation, ref);
    if (service.points.current() !== undefined && ref.bucket === bucket && operations.includes(operation))
      throw new AccessRefused(
        `${WORDS[operation] ?? operation} of ${ref.key ?? ref.prefix ?? ""} in the bucket ${bucket} is refused: AccessDenied: Access Denied`,
      );
  };
};

const expectFailedBackup = async (world: FaultWorld, sentence: string | RegExp): Promise<void> => {
  const before = await picture(world);
  const snapshot = await snapshotOf(world, await backUp(world));
  expect(snapshot).toMatchObject({ state: "failed", manifest: null });
  expectSentence(snapshot.statusMessage, sentence);
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
};

describe("bucket missing or forbidden", () => {
  test.each(["reference query", "listing"] as const)("the file bucket is missing (%s)", async (source) => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    await changeRegistration(world, SOURCE, (standing) => ({
      ...standing,
      files: {
        ...standing.files,
        bucket: "no-such-bucket",
        source: source === "listing" ? { kind: "listing" } : standing.files.source,
      },
    }));
    await expectFailedBackup(
      world,
      source === "listing"
        ? 'The file bucket "no-such-bucket" doesn\'t exist; check the registered name and region.'
        : 'The file bucket "no-such-bucket" does not exist; correct the environment\'s registration.',
    );
  });

  test("the file bucket forbids reading: a 403 is no missing file", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    forbid(world, FILES_BUCKET, ["get"]);
    await expectFailedBackup(
      world,
      `Reading "${sourceKey(NEW)}" from the file bucket "${FILES_BUCKET}" was refused (403); allow the packing role s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging, s3:GetObjectVersionTagging, s3:ListBucket and s3:ListBucketVersions there, and its KMS key.`,
    );
  });

  test("08-files: an archived file fails the backup, and the sentence says what to do", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    await world.service.base.store.put({
      bucket: FILES_BUCKET,
      key: sourceKey(NEW),
      body: Buffer.from("cold"),
      attributes: { storageClass: "GLACIER" },
    });
    await expectFailedBackup(
      world,
      `Reading "${sourceKey(NEW)}" in the file bucket "${FILES_BUCKET}" failed: the file is archived (GLACIER) and can't be read; restore it there, or leave it out.`,
    );
  });

  test("the file bucket forbids listing", async () => {
    const world = await faultWorld(postgres);
    await changeRegistration(world, SOURCE, (standing) => ({
      ...standing,
      files: { ...standing.files, source: { kind: "listing" } },
    }));
    forbid(world, FILES_BUCKET, ["list"]);
    await expectFailedBackup(
      world,
      /^The file bucket "test-files" forbids listing \(.*AccessDenied: Access Denied\); allow it in the service's configuration and in the bucket's and key's policies\.$/,
    );
  });

  test("the primary bucket forbids writing", async () => {
    const world = await faultWorld(postgres);
    forbid(world, PRIMARY_BUCKET, ["put"]);
    await expectFailedBackup(
      world,
      /^Writing of replicated\/shop-production\/\S+ in the bucket test-primary is refused: AccessDenied: Access Denied; allow it in the service's roles and in the bucket's and key's policies\.$/,
    );
  });

  test("the primary bucket forbids locking", async () => {
    const world = await faultWorld(postgres);
    forbid(world, PRIMARY_BUCKET, ["retain"]);
    await expectFailedBackup(
      world,
      /^The object replicated\/shop-production\/\S+ in test-primary can't be locked until 2027-03-05T\S+; check that the bucket has Object Lock and the role may set retention\.$/,
    );
  });

  test.each([
    [
      "is missing",
      "no-such-bucket",
      /^The file bucket "no-such-bucket" doesn't exist; check the registered name and region\.$/,
    ],
    ["forbids writing", FILES_BUCKET, /^The file bucket "test-files" forbids writing \(.*\); allow it in .*\.$/],
  ])("the target's file bucket %s: the restore changes nothing", async (_what, bucket, sentence) => {
    const world = await faultWorld(postgres);
    const before = await picture(world);
    if (bucket === FILES_BUCKET) forbid(world, FILES_BUCKET, ["put"]);
    await changeRegistration(world, TARGET, (standing) => ({ ...standing, files: { ...standing.files, bucket } }));
    const restore = await restoreOf(world, world.first);
    expect(restore).toMatchObject({ state: "failed", database: null });
    expectSentence(restore.statusMessage, sentence);
    await expectUnchanged(world, before);
    await expectWhole(world, world.first);
  });
});

describe("Rule 9: referenced files that are missing", () => {
  test("Rule 9: a missing file is listed, and the backup completes", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    await removeSourceFile(world, NEW);
    const before = await picture(world);
    const id = await backUp(world);
    const manifest = await expectWhole(world, id);
    expect(manifest.files).toMatchObject({ count: 8, missing: { count: 1, keys: [fileName(NEW)] } });
    const snapshot = await snapshotOf(world, id);
    expect(snapshot).toMatchObject({ fileCount: 8, missingCount: 1 });
    expectSentence(
      snapshot.statusMessage,
      "1 file that the database names is missing from bucket test-files; the snapshot's manifest and index list them.",
    );
    await expectUnchanged(world, before);
    await expectWhole(world, world.first);
  });

  test("Rule 9: too many missing files fail the backup", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    await removeSourceFile(world, NEW);
    await changeRegistration(world, SOURCE, (standing) => ({
      ...standing,
      missingFilesAllowed: { count: 0, share: 0.1 },
    }));
    await expectFailedBackup(
      world,
      `1 of the 9 files that the database of ${SOURCE} names are missing from bucket test-files, more than the 0 allowed; check bucket and prefix, or raise missingFilesAllowed in the registration.`,
    );
  });
});

describe("a file that changes or goes while it is read", () => {
  /** The first `times` reads of the new file break off halfway; meanwhile `then` happens to it. */
  const breakReads = ({ service }: FaultWorld, times: number, then: () => Promise<unknown>): { count: number } => {
    const reads = { count: 0 };
    service.base.store.onBody = async function* ({ bucket, key }, body) {
      const breaks = bucket === FILES_BUCKET && key === sourceKey(NEW) && reads.count < times;
      if (breaks) reads.count++;
      for await (const piece of body) {
        if (!breaks) {
          yield piece;
          continue;
        }
        yield piece.subarray(0, Math.floor(piece.length / 2));
        await then();
        throw new StoreUnavailable("GetObject broke off: ECONNRESET");
      }
    };
    return reads;
  };

  test("a file that changes while it is read is in the snapshot as one of its two contents, whole", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    const changed = "as it was later\n".repeat(70);
    const reads = breakReads(world, 1, () => putSourceFile(world, NEW, changed));
    const id = await backUp(world);
    expect(reads.count).toBe(1);
    const manifest = await expectWhole(world, id);
    expect(manifest.files).toMatchObject({ count: 9, missing: { count: 0 } });
    expect((await snapshotOf(world, id)).statusMessage).toBe("");
    expect(await restoreOf(world, id)).toMatchObject({ state: "completed" });
    expect((await contentsOf(world, TARGET)).files[fileName(NEW)]).toBe(
      (await contentsOf(world, SOURCE)).files[fileName(NEW)],
    );
    await expectWhole(world, world.first);
  });

  test("a file that keeps changing fails the backup", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    world.service.base.store.onBody = async function* ({ bucket, key }, body) {
      for await (const piece of body)
        yield bucket === FILES_BUCKET && key === sourceKey(NEW) ? piece.subarray(0, piece.length - 1) : piece;
    };
    await expectFailedBackup(
      world,
      `The file "${fileName(NEW)}" changed while it was read, 3 times; back up again when it is not being written.`,
    );
  });

  test("a file that goes while it is read is listed as missing", async () => {
    const world = await faultWorld(postgres);
    await referToNew(world);
    const reads = breakReads(world, 1, () => removeSourceFile(world, NEW));
    const id = await backUp(world);
    expect(reads.count).toBe(1);
    const manifest = await expectWhole(world, id);
    expect(manifest.files).toMatchObject({ count: 8, missing: { count: 1, keys: [fileName(NEW)] } });
    expectSentence(
      (await snapshotOf(world, id)).statusMessage,
      /^1 file that the database names is missing from bucket test-files; /,
    );
    await expectWhole(world, world.first);
  });
});
