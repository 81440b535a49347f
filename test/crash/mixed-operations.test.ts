/**
 * Operations that meet: uploads, backups, restores, archives and deletions of one environment at once, each of which
 * ends as if it had been alone; and every operation after another where environments differ from most.
 */
import { requestArchive } from "../../lambda/archive/request-archive";
import { createLink, followLink } from "../../lambda/archive/links";
import { queueBackup } from "../../lambda/backup/queue-backup";
import { requestBackup } from "../../lambda/backup/request-backup";
import { nightlySnapshotId } from "../../lambda/backup/snapshot-ids";
import type { ArchiveItem } from "../../lambda/catalog/items";
import { registration } from "../../lambda/catalog/registration";
import { requestDeletion } from "../../lambda/deletion/request-deletion";
import { requestRestore } from "../../lambda/restore/request";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { createUpload } from "../../lambda/upload/create-upload";
import { PRIMARY_BUCKET, REPLICA_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { archiveByHand, contentsOfArchive, download, sourceDump, upload } from "../upload/upload-runs";
import { backUp, expectVerified, RESTORE_MACHINE, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { contentsOf, furnish, now, SOURCE, TARGET, type SmallWorld } from "./small-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

let world: SmallWorld;
beforeEach(() => {
  world = { service: new SimulatedService(postgres), postgres };
});
/** Waiting executions look again each minute, which is no time here: the others get on meanwhile. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const presigner = {
  getUrl: async () => ({ url: "https://storage.example/archive", expiresAt: new Date(0) }),
  partUrl: async () => "never",
};
const snapshotOf = async (snapshotId: string) => must(await world.service.base.catalog.getSnapshot(SOURCE, snapshotId));

/** Both list their buckets instead of asking their databases, the source below `prefix`. */
const listBucket = async (prefix: string): Promise<void> => {
  const { catalog } = world.service.base;
  for (const environmentId of [SOURCE, TARGET]) {
    const { registration: standing } = must(await catalog.getEnvironment(environmentId));
    const files = {
      ...standing.files,
      source: { kind: "listing" as const },
      prefix: environmentId === SOURCE ? prefix : standing.files.prefix,
    };
    await catalog.updateEnvironment(environmentId, { registration: registration.parse({ ...standing, files }) });
  }
};

/** Restored into the target with everything accepted; how its execution ended. */
const restoreAll = async (snapshotId: string): Promise<string> => {
  const { service } = world;
  const { restoreId } = await askForRestore(snapshotId, TARGET);
  await service.drain();
  return service.result("restore", restoreId).status;
};
const askForRestore = (snapshotId: string, targetEnvironmentId: string) =>
  requestRestore(
    world.service.outside(),
    {
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId,
      databaseOnly: false,
      acknowledged: ["*"],
      requestedBy: "a test",
    },
    RESTORE_MACHINE,
  );
const deleteByUser = async (snapshotId: string): Promise<void> => {
  const { service } = world;
  const environment = must(await service.base.catalog.getEnvironment(SOURCE));
  await requestDeletion(service.outside(), environment, await snapshotOf(snapshotId), "a test");
};
const keysOf = (side: "primary" | "replica"): readonly string[] =>
  (side === "primary"
    ? world.service.base.store.versions(PRIMARY_BUCKET)
    : world.service.base.replicaStore.versions(REPLICA_BUCKET)
  )
    .map(({ key }) => key)
    .filter((key) => !key.includes("/records/") && !key.includes("audit"));

/** Backup, all three archives, upload of two of them, restore, and a user's delete of all. */
const everything = async (): Promise<void> => {
  const { service } = world;
  const first = await backUp(world);
  await expectVerified(world, first);
  const { rows, files } = await contentsOf(world, SOURCE);
  const full = await download(world, first, "files_and_database");
  const filesOnly = await download(world, first, "files_only");
  const database = await download(world, first, "database_only");
  const { ".metadata": _metadata, "db/db.backup": dump, ...fileEntries } = contentsOfArchive(full);
  expect(Buffer.from(must(dump), "latin1").equals(database)).toBe(true);
  expect(contentsOfArchive(filesOnly)).toEqual({ ...fileEntries, ".metadata": expect.any(String) as string });

  const refused = await upload(world, filesOnly);
  expect(await snapshotOf(refused)).toMatchObject({
    state: "failed",
    statusMessage: expect.stringMatching(/^The upload can't be used: it holds .*no database dump/) as string,
  });
  const again = await upload(world, full);
  const bare = await upload(world, database);
  for (const snapshotId of [again, bare]) await expectVerified(world, snapshotId);
  expect(contentsOfArchive(await download(world, again, "files_and_database"))).toMatchObject(fileEntries);
  expect(await restoreAll(again)).toBe("SUCCEEDED");
  const target = await contentsOf(world, TARGET);
  expect(target.rows).toEqual(rows);
  const { fileCount } = await snapshotOf(again);
  expect(fileCount).toBe(Object.keys(fileEntries).length);
  if (fileCount !== 0) expect(target.files).toMatchObject(files);
  expect(await restoreAll(bare)).toBe("SUCCEEDED");

  for (const snapshotId of [first, again, bare]) {
    await deleteByUser(snapshotId);
    await service.drain();
    expect(await service.base.catalog.getSnapshot(SOURCE, snapshotId)).toBeUndefined();
  }
};

describe.each(["query", "listing"])("files by %s, in a single region", (kind) => {
  test("all operations, and nothing at the replica", async () => {
    await furnish(world, "single-region");
    if (kind === "listing") await listBucket(`${SOURCE}/`);
    await everything();
    expect(keysOf("replica").filter((key) => key.startsWith("single-region/"))).toEqual([]);
    expect(keysOf("primary")).toEqual([]);
  });
});

describe("at once", () => {
  const openUpload = async (body: Buffer): Promise<string> => {
    const outside = world.service.outside();
    const wish = { environmentId: SOURCE, fileName: "backup", size: body.length, comment: "", createdBy: "a test" };
    const open = await createUpload(outside, wish);
    await world.service.base.store.uploadPart({ bucket: TRANSFER_BUCKET, key: open.key }, open.multipartId, 1, body);
    await completeUpload(outside, open);
    return open.snapshotId;
  };
  const askForBackup = async (): Promise<string> =>
    (await requestBackup(world.service.outside(), { environmentId: SOURCE, createdBy: "a test", comment: "" }))
      .snapshotId;
  const askForNightly = async (): Promise<string> => {
    const { service } = world;
    const environment = must(await service.base.catalog.getEnvironment(SOURCE));
    const night = now(service).slice(0, 10);
    const snapshotId = nightlySnapshotId(SOURCE, night);
    await queueBackup(
      {
        environmentId: SOURCE,
        snapshotId,
        trigger: "nightly",
        tier: "nightly",
        night,
        attempt: 1,
        createdBy: "Nightly",
        comment: "",
        requestedAt: now(service),
      },
      environment,
      service.outside(),
    );
    return snapshotId;
  };
  const allAtOnce = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => world.service.drain()));

  test("two uploads, a backup on demand and the night's: one after another, none lost", async () => {
    await furnish(world);
    const archive = archiveByHand(world, (names) => names);
    const waited = new Set<string>();
    const ids = [
      await openUpload(archive),
      await openUpload(sourceDump(world)),
      await askForBackup(),
      await askForNightly(),
    ];
    world.service.whileWaiting = async () => {
      for (const { snapshotId, statusMessage } of await Promise.all(ids.map(snapshotOf)))
        if (statusMessage.startsWith("Queued: ")) waited.add(snapshotId);
      await aMoment();
    };
    await allAtOnce(ids.length);
    await world.service.drain();
    // The first one had the lease; the others said why they waited.
    expect(waited.size).toBe(ids.length - 1);
    for (const snapshotId of ids) await expectVerified(world, snapshotId);
    expect(await world.service.base.catalog.getLease(SOURCE)).toBeUndefined();
    expect(world.service.base.notifier.told).toEqual([]);
  });

  test("an upload, and a restore into the environment that is uploaded to", async () => {
    await furnish(world);
    const { service } = world;
    const first = await backUp(world);
    await service.base.catalog.updateEnvironment(SOURCE, { running: false });
    const before = await contentsOf(world, SOURCE);
    const uploaded = await openUpload(archiveByHand(world, (names) => names));
    const { restoreId } = await askForRestore(first, SOURCE);
    const said = new Set<string>();
    service.whileWaiting = async () => {
      said.add(must(await service.base.catalog.getRestore(restoreId)).statusMessage);
      await aMoment();
    };
    await allAtOnce(2);
    await service.drain();
    expect([...said]).toContain(`Waits until the upload that is running in environment ${SOURCE} has ended.`);
    expect(service.result("restore", restoreId).status).toBe("SUCCEEDED");
    expect(await contentsOf(world, SOURCE)).toEqual(before);
    await expectVerified(world, uploaded);
  });
});

describe("Rule 3, rule 6: while an archive is built", () => {
  /** Asked for; `meanwhile` happens right before the archive's bytes are put. */
  const buildWhile = async (snapshotId: string, meanwhile: () => Promise<void>): Promise<ArchiveItem> => {
    const { service } = world;
    const { store, catalog } = service.base;
    const watch = store.onRequest;
    let happened = false;
    store.onRequest = async (operation, ref) => {
      if (!happened && operation === "put" && ref.bucket === TRANSFER_BUCKET) {
        happened = true;
        await meanwhile();
      }
      await watch?.(operation, ref);
    };
    const dataType = "files_and_database";
    const { archiveId } = await requestArchive(service.outside(), {
      environmentId: SOURCE,
      snapshotId,
      dataType,
      requestedBy: "a test",
    });
    await service.drain();
    expect(happened).toBe(true);
    return must(await catalog.getArchive(archiveId));
  };
  const soundBytes = (archive: ArchiveItem): number =>
    Object.keys(contentsOfArchive(world.service.base.store.bytes(TRANSFER_BUCKET, archive.key))).length;

  test("a user's delete waits for it, then everything goes, and no link leads anywhere", async () => {
    await furnish(world);
    const snapshotId = await backUp(world);
    const { service } = world;
    let deletion: Promise<unknown> = Promise.resolve();
    let waits = 0;
    const archive = await buildWhile(snapshotId, async () => {
      await deleteByUser(snapshotId);
      await new Promise<void>((resolve) => {
        service.whileWaiting = async () => {
          if (++waits === 2) resolve();
          await aMoment();
        };
        deletion = service.drain().finally(resolve);
      });
      expect(keysOf("primary")).not.toEqual([]);
    });
    await deletion;
    await service.drain();
    expect(archive).toMatchObject({ state: "completed", statusMessage: "" });
    expect(soundBytes(archive)).toBe(10);
    expect([...keysOf("primary"), ...keysOf("replica")]).toEqual([]);
    expect(await service.base.catalog.getSnapshot(SOURCE, snapshotId)).toBeUndefined();
    const { token } = await createLink(service.outside(), archive, "a test");
    expect(await followLink({ ...service.outside(), presigner }, token)).toBeUndefined();
    await retain(world);
    expect(service.base.store.versions(TRANSFER_BUCKET)).toEqual([]);
  });

  test("the snapshot's expiry second comes: the archive is whole, no link leads to it, and retention takes all", async () => {
    await furnish(world);
    const snapshotId = await backUp(world);
    const { service } = world;
    const { expiresAt } = await snapshotOf(snapshotId);
    const archive = await buildWhile(snapshotId, async () => {
      service.base.clock.set(expiresAt);
      await retain(world);
      expect(keysOf("primary")).not.toEqual([]);
    });
    expect(archive).toMatchObject({ state: "completed", statusMessage: "" });
    expect(soundBytes(archive)).toBe(10);
    const { token } = await createLink(service.outside(), archive, "a test");
    expect(await followLink({ ...service.outside(), presigner }, token)).toBeUndefined();
    await retain(world);
    expect([...keysOf("primary"), ...keysOf("replica")]).toEqual([]);
    expect(await followLink({ ...service.outside(), presigner }, token)).toBeUndefined();
    expect(service.base.store.versions(TRANSFER_BUCKET)).toEqual([]);
  });
});

describe("without files", () => {
  test("a database that names none, and a bucket that has none", async () => {
    await postgres.query("crash_source", `DELETE FROM "system$filedocument"`);
    await furnish(world);
    await everything();
    await listBucket("nothing-is-here/");
    await everything();
    expect([...keysOf("primary"), ...keysOf("replica")]).toEqual([]);
  });
});
