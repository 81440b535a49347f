/** What must hold after every night, whatever happened in it. */
import { readManifest } from "../../lambda/backup/committed-manifest";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { Figures } from "./figures";
import type { PlayedNight } from "./played-night";

/** RunTask may be called 20 times a second; half a minute's patience makes two calls a minute of each environment. */
const LAUNCH_CALLS_A_MINUTE = 2;
/** Step Functions allows 25,000. */
const MOST_EVENTS = 20_000;
/** Of the completed snapshots, every so many is read back in full. */
const EVERY_VERIFIED = 20;

export const expectSoundNight = async (night: PlayedNight, figures: Figures): Promise<void> => {
  const snapshots = await night.snapshots();
  expect(snapshots).toHaveLength(night.environments.length);
  expect(figures.completed + figures.failed).toBe(night.environments.length);
  for (const sentence of Object.keys(figures.reasons)) expectReason(sentence);
  await expectNothingHeld(night);
  expectEverybodyAnswered(night, figures);
  expect(figures.longestHistory).toBeLessThan(MOST_EVENTS);
  expectNoStorm(night, figures);
  const completed = snapshots.filter(({ state }) => state === "completed");
  for (const snapshot of completed)
    expect(snapshot).toMatchObject({ statusMessage: "", replicatedAt: expect.any(String) });
  for (const snapshot of completed.filter((_, number) => number % EVERY_VERIFIED === 0))
    await expectWhole(night, snapshot);
};

/** Waiting costs few calls, whatever fails. */
const expectNoStorm = ({ environments }: PlayedNight, { launches, functions }: Figures): void => {
  expect(launches.mostAMinute).toBeLessThanOrEqual(LAUNCH_CALLS_A_MINUTE * environments.length);
  expect(functions.mostAMinute).toBeLessThanOrEqual(60 + 2 * environments.length);
};

/** One sentence of the service's own: it begins and ends as one, and quotes no program. */
const expectReason = (sentence: string): void => {
  expect(sentence).toMatch(/^[A-Z][^\n]*\.$/);
  expect(sentence).not.toMatch(/without saying why|execution's history|Status Code|Exception|undefined|[{}]/);
};

/** Leases, pins, attempts with their shards, places: nobody holds or leaves any. */
const expectNothingHeld = async ({ region }: PlayedNight): Promise<void> => {
  const held = region.base.table
    .all()
    .filter(({ pk, sk }) => sk === "LEASE" || sk.startsWith("PIN#") || pk.startsWith("ATTEMPT#"));
  expect(held).toEqual([]);
  expect((await region.base.catalog.getPlaces()).entries).toEqual([]);
  expect(region.fargate.anyRunning).toBe(false);
};

/**
 * Whoever asks is answered: where no concurrency can be reserved for the API, a call may be throttled, but none is
 * throttled as often as the command line tries.
 */
const expectEverybodyAnswered = ({ traffic }: PlayedNight, { api }: Figures): void => {
  expect(traffic.unanswered).toEqual([]);
  expect(api.answered).toBeGreaterThan(1000);
};

const expectWhole = async ({ region: { base } }: PlayedNight, snapshot: SnapshotItem): Promise<void> => {
  const manifest = await readManifest(must(snapshot.manifest), PRIMARY_BUCKET, base.store);
  expect((await verifySnapshot(base.store, PRIMARY_BUCKET, manifest, { replica: false })).problems).toEqual([]);
  expect((await verifySnapshot(base.replicaStore, REPLICA_BUCKET, manifest, { replica: true })).problems).toEqual([]);
};
