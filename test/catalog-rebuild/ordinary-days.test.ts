/**
 * A check that cries wolf is not read: whatever people and nights do, in any order, the catalog and the buckets agree,
 * after every single operation. A catalog that is lost after all of it is rebuilt equal.
 */
import { KEEP_START } from "../../lambda/keep/contract";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import { handleRequest as askRegistration } from "../../lambda/registration/handle-request";
import { handleRequest as askAccess } from "../../lambda/access/handle-request";
import { isoSeconds } from "../../lambda/catalog/catalog";
import { expire } from "../retention/retention-run";
import { seededRandomness } from "../support/collaborators";
import { must } from "../support/must";
import {
  type CatalogWorld,
  checkReplicas,
  comment,
  deleteWholly,
  liveThrough,
  newWorld,
  nightlyId,
  onDemandId,
  PEOPLE,
  probe,
  replicate,
  SINGLE,
  SMALL,
  snapshotsOf,
  takeNight,
  takeUpload,
} from "./catalog-world";
import { compare, lasting, rebuild } from "./rebuilding";

const SHOP = "shop-production";
const DAY_MS = 86_400_000;
let world: CatalogWorld;

beforeEach(async () => {
  world = await newWorld(SMALL);
  await liveThrough(world, SMALL);
  replicate(world);
  await checkReplicas(world, SHOP);
});

const keepLonger = async (environmentId: string, snapshotId: string, days: number): Promise<void> => {
  const { expiresAt } = must(await world.catalog.getSnapshot(environmentId, snapshotId));
  const until = isoSeconds(new Date(Date.parse(expiresAt) + days * DAY_MS));
  const executionArn = `keep-${snapshotId}-${until}`;
  const input = { environmentId, snapshotId, until, executionArn, requestedBy: PEOPLE.operator };
  const kept = await keepSnapshot({ ...input, progress: KEEP_START }, world);
  expect(kept.outcome).toBe("done");
};

const operations: Record<string, (environmentId: string, snapshotId: string, number: number) => Promise<unknown>> = {
  "kept longer": (environmentId, snapshotId, number) => keepLonger(environmentId, snapshotId, 30 + number),
  "another comment": (environmentId, snapshotId) => comment(world, environmentId, snapshotId),
  "kept longer, then another comment": async (environmentId, snapshotId, number) => {
    await keepLonger(environmentId, snapshotId, 60 + number);
    world.clock.advance(3_600_000);
    await comment(world, environmentId, snapshotId);
  },
  "a deletion": (environmentId, snapshotId) => deleteWholly(world, environmentId, snapshotId),
  "a night, replicated later": async (environmentId, _snapshotId, number) => {
    await takeNight(world, 10 + number, environmentId);
    world.clock.advance(7_200_000);
    replicate(world);
    await checkReplicas(world, environmentId);
  },
  "an upload": (environmentId, _snapshotId, number) =>
    takeUpload(world, `00000000-0000-8000-8000-${String(number).padStart(12, "0")}`, environmentId),
  "a probe": (environmentId) => probe(world, environmentId, ["The file bucket is empty."]),
  "started with another model": (environmentId, _snapshotId, number) =>
    askRegistration({ action: "started", environmentId, modelVersion: `3.0.${number}` }, world),
  stopped: (environmentId) => askRegistration({ action: "stopped", environmentId }, world),
  "retention's run": async (environmentId) => {
    world.workflows.endAll = true;
    await expire(world, environmentId);
  },
  "another role": (_environmentId, _snapshotId, number) =>
    askAccess(
      { action: "grant", principal: PEOPLE.shopper, grant: { app: `app-${number}`, role: "read" }, by: "root" },
      world,
    ),
};

/** The catalog remembers how long a backup took that has been deleted since; nobody else does. */
const lastingButDurations = () =>
  lasting(world).map((item) => ({ ...item, ...("lastDurationSeconds" in item ? { lastDurationSeconds: 0 } : {}) }));

/** What the check would tell. */
const told = async (): Promise<readonly string[]> => {
  const { differences, findings } = await compare(world);
  // What users have deleted is told in passing, and is no difference.
  const problems = findings.filter(({ code }) => code !== "snapshot-deleted" && code !== "snapshot-expired");
  return [...differences, ...problems].map(({ message }) => message);
};

test.each(Object.keys(operations))("%s: nothing differs", async (name) => {
  for (const environmentId of [SHOP, SINGLE]) {
    await must(operations[name])(environmentId, onDemandId(environmentId, 1), 1);
    world.clock.advance(3_600_000);
    expect(await told()).toEqual([]);
  }
});

test.each([1, 2, 3, 4, 5, 6])(
  "in any order (seed %d): nothing differs, and what is lost is rebuilt equal",
  async (seed) => {
    const bytes = seededRandomness(seed);
    const random = (): number => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
    const names = Object.keys(operations);
    for (let number = 0; number < 30; number++) {
      const environmentId = must([SHOP, SINGLE][Math.floor(random() * 2)]);
      const standing = (await snapshotsOf(world, environmentId)).filter(
        ({ state, deleting }) => state === "completed" && !deleting,
      );
      // One night at least stays, so that there is always something to do it to.
      const chosen = standing.filter(({ snapshotId }) => snapshotId !== nightlyId(environmentId, 1));
      const snapshot = chosen[Math.floor(random() * chosen.length)];
      if (snapshot === undefined) continue;
      const name = must(names[Math.floor(random() * names.length)]);
      await must(operations[name])(environmentId, snapshot.snapshotId, number);
      world.clock.advance(Math.floor(random() * 7_200_000) + 1000);
      expect(await told()).toEqual([]);
    }
    const before = lastingButDurations();
    world.table.clear();
    await rebuild(world);
    expect(lastingButDurations()).toEqual(before);
  },
  120_000,
);

test("the catalog noted the keeping seconds after the record, as after a crash between the two: nothing to mend", async () => {
  const snapshotId = onDemandId(SHOP, 1);
  await keepLonger(SHOP, snapshotId, 30);
  await world.catalog.updateSnapshot(SHOP, snapshotId, { updatedAt: "2026-11-30T00:00:07Z" });
  expect(await told()).toEqual([]);
});

test("an expiry that only the catalog has is still told", async () => {
  const snapshotId = onDemandId(SHOP, 1);
  await world.catalog.updateSnapshot(SHOP, snapshotId, { expiresAt: "2031-01-01T00:00:00Z" });
  const { differences } = await compare(world);
  expect(differences.map(({ message }) => message)).toEqual([expect.stringContaining("differs in expiresAt")]);
});
