/**
 * A small second night, stopped at every request in turn, before its effect and after it (the reply is lost). Each
 * time the run that follows must leave a world in order: what is completed can be read in full, nothing is running,
 * no lease or pin stays, and what was left behind comes free within two days.
 */
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import { settleStaleSnapshots } from "../../lambda/backup/stale-snapshots";
import { takeLease } from "../../lambda/runtime/lease";
import { CatalogUnavailable } from "../../lambda/catalog/catalog-table";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { environmentItem } from "./environment-fixture";
import {
  ENVIRONMENT,
  filesOf,
  manifestOfNight,
  nightRequest,
  playExecution,
  playNight,
  putFile,
  type Played,
} from "./night";
import { leftIn } from "../support/left-in-catalog";

const FIRST = "2026-12-05";
const NIGHT = "2026-12-06";
const NEXT = "2026-12-07";
const before = ["a", "b", "c"];
const after = ["b", "c", "d", "gone"];

async function secondNightReady(): Promise<FakeCollaborators> {
  const collaborators = fakeCollaborators({ now: new Date(`${FIRST}T00:00:00Z`) });
  await collaborators.catalog.createEnvironment(environmentItem());
  for (const key of ["a", "b", "c", "d"]) await putFile(collaborators, key, `content of ${key}`);
  await playNight(collaborators, FIRST, { listed: before });
  collaborators.clock.set(`${NIGHT}T00:00:00Z`);
  return collaborators;
}

/** Fails the request of this number, and with `forGood` every one after it. False when there are fewer requests. */
function stopAt(
  collaborators: FakeCollaborators,
  number: number,
  when: "onRequest" | "onReply",
  forGood: boolean,
): () => boolean {
  let seen = 0;
  const count = (failure: () => Error) => (): void => {
    seen++;
    if (seen === number || (forGood && seen > number)) throw failure();
  };
  collaborators.store[when] = count(() => new StoreUnavailable("The store does not answer."));
  collaborators.table[when] = count(() => new CatalogUnavailable("The catalog does not answer."));
  return () => {
    for (const side of [collaborators.store, collaborators.table]) side.onRequest = side.onReply = undefined;
    return seen >= number;
  };
}

async function expectOrder(collaborators: FakeCollaborators): Promise<void> {
  const left = new Set(leftIn(collaborators.table));
  expect(left).toEqual(new Set(["ENVIRONMENT", "SNAPSHOT"]));
  const snapshots = (await collaborators.catalog.listSnapshots(ENVIRONMENT)).items;
  expect(snapshots.filter(({ state }) => state === "running" || state === "queued")).toEqual([]);
  const living = new Set<string>();
  for (const { state, night } of snapshots) {
    if (state !== "completed" || night === null) continue;
    const manifest = await manifestOfNight(collaborators, night);
    const files = await filesOf(collaborators, manifest);
    const expected = (night === FIRST ? before : after).map((key) => [
      key,
      key === "gone" ? null : `content of ${key}`,
    ]);
    expect([...files]).toEqual(expected);
    for (const { key } of objectsOf(manifest)) living.add(key);
    living.add(`replicated/${ENVIRONMENT}/snapshots/${manifest.snapshotId}/manifest.json`);
  }
  for (const { key, lock, lastModified } of collaborators.store.versions(PRIMARY_BUCKET)) {
    // Records are small, and tell what became of what failed.
    if (living.has(key) || key.includes("/records/")) continue;
    expect(key).not.toContain("manifest.json");
    expect(`${key} locked for ${((lock?.until.getTime() ?? 0) - lastModified.getTime()) / 3_600_000} h`).toBe(
      `${key} locked for 48 h`,
    );
  }
  expect(collaborators.store.uploads(PRIMARY_BUCKET)).toEqual([]);
}

/** As Step Functions retries a function. */
const again = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch {
    return run();
  }
};

describe.each(["onRequest", "onReply"] as const)("stopped at every request (%s)", (when) => {
  test("one request fails and the function is called again: the snapshot completes", async () => {
    for (let number = 1; ; number++) {
      const collaborators = await secondNightReady();
      await queue(collaborators);
      const stopped = stopAt(collaborators, number, when, false);
      const played = await playExecution(collaborators, nightRequest(NIGHT), { listed: after, call: again });
      if (!stopped()) break;
      expect(`${number}: ${played.outcome}`).toBe(`${number}: sealed`);
      await expectOrder(collaborators);
    }
  });

  test("one request fails and the attempt with it: the next attempt completes the snapshot", async () => {
    for (let number = 1; ; number++) {
      const collaborators = await secondNightReady();
      await queue(collaborators);
      const stopped = stopAt(collaborators, number, when, false);
      let failing: Promise<Played> = playExecution(collaborators, nightRequest(NIGHT), { listed: after });
      failing = failing.catch(() => ({ outcome: "skip", reason: "Fail failed" }) as const);
      const played = await failing;
      if (!stopped()) break;
      if (played.outcome === "failed") await playExecution(collaborators, nightRequest(NIGHT, 2), { listed: after });
      await settle(collaborators);
      expect(
        `${number}: ${(await collaborators.catalog.listSnapshots(ENVIRONMENT)).items.map(({ state }) => state).join()}`,
      ).toBe(`${number}: completed,completed`);
      await expectOrder(collaborators);
    }
  });

  test("everything stops for good, Fail too: the next night and retention bring order", async () => {
    for (let number = 1; ; number++) {
      const collaborators = await secondNightReady();
      await queue(collaborators);
      const stopped = stopAt(collaborators, number, when, true);
      await playExecution(collaborators, nightRequest(NIGHT), { listed: after, withoutFail: true }).catch(
        () => undefined,
      );
      if (!stopped()) break;
      collaborators.clock.set(`${NEXT}T00:30:00Z`);
      expect(await playNight(collaborators, NEXT, { listed: after })).toMatchObject({ outcome: "sealed" });
      await settle(collaborators);
      await expectOrder(collaborators);
    }
  });
});

async function queue(collaborators: FakeCollaborators): Promise<void> {
  const { queueBackup } = await import("../../lambda/backup/queue-backup");
  await queueBackup(nightRequest(NIGHT), { modelVersion: "1.2.3" }, collaborators);
}

/** What retention does first, under the lease; two days on, when whatever is only queued has been given up. */
async function settle(collaborators: FakeCollaborators): Promise<void> {
  collaborators.clock.advance(25 * 3_600_000);
  const taken = await takeLease(collaborators, {
    environmentId: ENVIRONMENT,
    executionArn: "retention",
    purpose: "expiry",
  });
  if (taken.outcome !== "held") throw new Error(`The lease is held: ${taken.by.executionArn}`);
  await settleStaleSnapshots(collaborators, taken.lease);
  await collaborators.catalog.releaseLease(ENVIRONMENT, taken.lease.token);
}
