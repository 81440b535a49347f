/** What goes wrong around backups: a second one, a damaged base, an emptied catalog, a window event twice or late. */
import type { WindowRow } from "../../lambda/nightly-window/contract";
import { nightlySnapshotId } from "../../lambda/backup/snapshot-ids";
import { backUp, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { changeBack, contentsOf, furnish, SOURCE, TARGET } from "../crash/small-world";
import { FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import {
  damage,
  expectSentence,
  expectUnchanged,
  expectWhole,
  faultWorld,
  manifestOf,
  picture,
  queueSecond,
  snapshotOf,
} from "./fault-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ROW: WindowRow = { region: "eu-central-1", startUtc: "23:00", durationMinutes: 120 };
/** The function's own, which it reads when it is loaded. */
process.env["WINDOW"] = JSON.stringify(ROW);

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

test("a second backup while one runs: it is queued, says why, and completes after the first", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const { service } = world;
  const { store, table, catalog } = service.base;
  const requests = { store: store.onRequest, table: table.onReply };
  let second: { readonly id: string; readonly ended: Promise<void> } | undefined;
  let seen: { readonly state: string; readonly statusMessage: string; readonly leaseOfFirst: boolean } | undefined;
  const first = await queueSecond(world);

  // While the first one writes its manifest, somebody asks for another; it goes on once that one has said that it waits.
  store.onRequest = async (operation, ref) => {
    await requests.store?.(operation, ref);
    if (operation !== "put" || ref.bucket !== PRIMARY_BUCKET || ref.key?.endsWith("/manifest.json") !== true) return;
    store.onRequest = requests.store;
    const { executionArn } = must(await catalog.getLease(SOURCE));
    const id = await queueSecond(world);
    await new Promise<void>((resolve) => {
      table.onReply = async (op, key) => {
        await requests.table?.(op, key);
        if (op !== "update" || key.sk !== `SNAPSHOT#${id}`) return;
        table.onReply = requests.table;
        const { state, statusMessage } = await snapshotOf(world, id);
        seen = { state, statusMessage, leaseOfFirst: (await catalog.getLease(SOURCE))?.executionArn === executionArn };
        resolve();
      };
      second = { id, ended: service.drain() };
    });
  };
  await service.drain();
  const { id, ended } = must(second);
  await ended;

  expect(seen).toMatchObject({ state: "queued", leaseOfFirst: true });
  expectSentence(
    must(seen).statusMessage,
    "Queued: a backup of this environment is running since 2026-12-05T01:00:00Z.",
  );
  const manifests = [await expectWhole(world, first), await expectWhole(world, id)];
  expect(manifests.map(({ baseSnapshotId }) => baseSnapshotId)).toEqual([world.first, first]);
  expect((await snapshotOf(world, id)).statusMessage).toBe("");
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
});

test("a corrupt previous index: all files are packed anew, and the snapshot says so", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const { key } = must((await manifestOf(world, world.first)).files.index[0]);
  const mend = damage(world, key, ["primary"]);
  world.service.base.store.resetRequests();
  const id = await backUp(world);
  const manifest = await expectWhole(world, id);
  expect(manifest.baseSnapshotId).toBeNull();
  expect(manifest.files.packs).toMatchObject([{ liveSegments: 8, segments: 8 }]);
  const read = world.service.base.store.requests.filter(
    ({ operation, ref }) => operation === "get" && ref.bucket === FILES_BUCKET,
  );
  expect(read).toHaveLength(8);
  expectSentence(
    (await snapshotOf(world, id)).statusMessage,
    /^The previous snapshot's file index can't be used: .*; all files were packed anew\.$/,
  );
  mend();
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
});

describe("a catalog emptied behind our back", () => {
  const YEAR = 366 * 24 * 3_600_000;
  /** The execution fails, so that an alarm sees it too. */
  const STOPPED = {
    status: "FAILED",
    error: "At least one environment could not be expired; its reasons stand in the log and in the message sent.",
  };

  test.each(["at once", "after every expiry has passed"])("retention deletes nothing and says so, %s", async (when) => {
    const world = await faultWorld(postgres);
    const before = await picture(world);
    const { table, clock, notifier, catalog } = world.service.base;
    table.clear();
    if (when !== "at once") clock.advance(YEAR);
    expect(await retain(world)).toMatchObject(STOPPED);
    const sentence = `The catalog does not know environment ${SOURCE}, but the primary bucket (replicated) and the replica bucket (replicated) hold backups of it; nothing of it is deleted: rebuild the catalog from the bucket.`;
    const sweep = must(await catalog.getSweep(SOURCE));
    expect(sweep.told?.reasons).toEqual([sentence]);
    expectSentence(sentence, sentence);
    const told = notifier.told.filter(({ subject }) => subject === `Backups of ${SOURCE}: expiry has stopped`);
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain(sentence);
    await expectUnchanged(world, before);
    // Five minutes later it still deletes nothing, and doesn't say the same again.
    clock.advance(5 * 60_000);
    await retain(world);
    expect(notifier.told.filter(({ subject }) => subject.includes(SOURCE))).toHaveLength(1);
    await expectUnchanged(world, before);
  });

  test("only its snapshots are gone: retention deletes nothing and says so", async () => {
    const world = await faultWorld(postgres);
    const before = await picture(world);
    const { clock, catalog, notifier } = world.service.base;
    const { expiresAt } = await snapshotOf(world, world.first);
    await catalog.deleteSnapshot(SOURCE, world.first);
    clock.advance(25 * 3_600_000);
    expect(await retain(world)).toMatchObject(STOPPED);
    const reasons = must(await catalog.getSweep(SOURCE)).told?.reasons;
    expect(reasons).toHaveLength(1);
    expectSentence(
      must(reasons?.[0]),
      `Snapshot ${world.first} of environment ${SOURCE}: its manifest stands in the bucket and is valid until ${expiresAt}, but the catalog does not know it; rebuild the catalog from the bucket.`,
    );
    expect(notifier.told.at(-1)?.message).toContain(must(reasons?.[0]));
    await expectUnchanged(world, before);
  });
});

describe("the window event", () => {
  /** Sunday's night; both environments take part. */
  const SCHEDULED = "2026-12-06T23:00:00Z";
  const NIGHT = "2026-12-06";
  const ENVIRONMENTS = [SOURCE, TARGET] as const;

  const worldAt = async (time: string) => {
    const world = { service: new SimulatedService(postgres, { now: new Date(time) }), postgres };
    await changeBack(world);
    await furnish(world);
    return world;
  };
  type World = Awaited<ReturnType<typeof worldAt>>;
  const deliver = ({ service }: World, name: string) =>
    service.start("nightly-window", name, { scheduledTime: SCHEDULED });

  /** One completed snapshot of Sunday's tier for each environment, from one execution each. */
  const expectOneNight = async ({ service }: World): Promise<void> => {
    for (const environmentId of ENVIRONMENTS) {
      const { items } = await service.base.catalog.listSnapshots(environmentId);
      expect(items).toMatchObject([
        {
          snapshotId: nightlySnapshotId(environmentId, NIGHT),
          night: NIGHT,
          tier: "monthly",
          state: "completed",
          attempt: 1,
          statusMessage: "",
        },
      ]);
    }
    expect([...service.results.keys()].filter((name) => name.startsWith("backup:")).toSorted()).toEqual(
      ENVIRONMENTS.map((environmentId) => `backup:${environmentId}-${NIGHT}-1`).toSorted(),
    );
    expect(await service.base.catalog.getNight("eu-central-1", NIGHT)).toMatchObject({ startsAt: SCHEDULED });
  };

  test("Rule 2: delivered twice, it is one night with one snapshot of each environment", async () => {
    const world = await worldAt("2026-12-06T23:00:05Z");
    const before = [await contentsOf(world, SOURCE), await contentsOf(world, TARGET)];
    const delivered = await Promise.all([deliver(world, "one"), deliver(world, "two")]);
    expect(delivered.map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
    const outputs = delivered.map(({ output }) => output as { outcome: string; reason?: string });
    expect(outputs.map(({ outcome }) => outcome).toSorted()).toEqual(["done", "dropped"]);
    expectSentence(
      must(outputs.find(({ outcome }) => outcome === "dropped")?.reason),
      `The night of ${NIGHT} in eu-central-1 has been opened before.`,
    );
    await expectOneNight(world);
    await expectWhole(world, nightlySnapshotId(SOURCE, NIGHT));
    expect([await contentsOf(world, SOURCE), await contentsOf(world, TARGET)]).toEqual(before);
  });

  test("Rule 2: an hour late, after midnight, it still is Sunday's night", async () => {
    const world = await worldAt("2026-12-07T00:00:00Z");
    expect((await deliver(world, "late")).output).toMatchObject({ outcome: "done" });
    await expectOneNight(world);
    await expectWhole(world, nightlySnapshotId(SOURCE, NIGHT));
  });

  test("after its window has closed it is dropped, says so, and leaves nothing", async () => {
    const world = await worldAt("2026-12-07T01:00:00Z");
    const { output } = await deliver(world, "too-late");
    expect(output).toMatchObject({ outcome: "dropped" });
    expectSentence(
      (output as { reason: string }).reason,
      `The event of ${SCHEDULED} came at 2026-12-07T01:00:00Z, after the window of eu-central-1 had closed at 2026-12-07T01:00:00Z.`,
    );
    expect(await world.service.base.catalog.getNight("eu-central-1", NIGHT)).toBeUndefined();
    for (const environmentId of ENVIRONMENTS)
      expect((await world.service.base.catalog.listSnapshots(environmentId)).items).toEqual([]);
    expect(world.service.base.store.versions(PRIMARY_BUCKET).filter(({ key }) => !key.includes("/records/"))).toEqual(
      [],
    );
  });
});
