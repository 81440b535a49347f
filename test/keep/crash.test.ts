/**
 * I5: a keep that dies at any request leaves the old expiry or the new one, and never a promise without its locks.
 * Whoever comes next, the workflow again or retention, completes what was promised.
 */
import { effectiveExpiry } from "../../lambda/rules/effective-expiry";
import { isOffered } from "../../lambda/retention/offered";
import { crashAt } from "../retention/crash-at-each-request";
import { run } from "../retention/retention-run";
import { ENVIRONMENT, standingOf } from "../retention/sealed-environment";
import type { FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { keep, KEEP_EXECUTION, keepScene, keptUntil, locks, OLD_EXPIRY, UNTIL, type KeepScene } from "./keep-scene";

const LOCKED = new Date(UNTIL).toISOString();

/** What is promised, by the record, is locked; and what the catalog shows is never more than that. */
async function checkPromise({ collaborators, environment, snapshot }: KeepScene): Promise<boolean> {
  const keepUntil = await keptUntil(collaborators, environment);
  const shown = must(await collaborators.catalog.getSnapshot(ENVIRONMENT, "night")).expiresAt;
  expect([OLD_EXPIRY, UNTIL]).toContain(shown);
  expect(Date.parse(shown)).toBeLessThanOrEqual(Date.parse(effectiveExpiry(snapshot, { keepUntil })));
  if (keepUntil !== null) expect(locks(collaborators, environment)).toEqual([LOCKED]);
  return keepUntil !== null;
}

const crashesOf = async (moment: "before" | "after", after: (scene: KeepScene) => Promise<void>): Promise<number> => {
  for (let at = 1; ; at++) {
    const scene = await keepScene();
    const crashed = await crashAt(scene.collaborators, at, moment, () => keep(scene.collaborators));
    await checkPromise(scene);
    scene.collaborators.workflows.ended.add(KEEP_EXECUTION);
    await after(scene);
    if (!crashed) return at - 1;
  }
};

const again = (collaborators: FakeCollaborators, executionArn: string) => keep(collaborators, { executionArn });

test.each(["before", "after"] as const)("crash %s each request, then the same execution again", async (moment) => {
  const crashes = await crashesOf(moment, async ({ collaborators, environment }) => {
    expect(await again(collaborators, KEEP_EXECUTION)).toMatchObject({ outcome: "done" });
    expect(await keptUntil(collaborators, environment)).toBe(UNTIL);
    expect(locks(collaborators, environment)).toEqual([LOCKED]);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "night")).toMatchObject({ expiresAt: UNTIL });
  });
  expect(crashes).toBeGreaterThan(40);
});

test.each(["before", "after"] as const)("crash %s each request, and only retention comes after", async (moment) => {
  let promised = 0;
  const crashes = await crashesOf(moment, async (scene) => {
    const { collaborators } = scene;
    const isPromised = await checkPromise(scene);
    if (isPromised) promised++;
    collaborators.clock.set(OLD_EXPIRY);
    await run(collaborators);
    const standing = await collaborators.catalog.getSnapshot(ENVIRONMENT, "night");
    const offered = standing !== undefined && isOffered(standing, collaborators.clock.now());
    expect(offered).toBe(isPromised);
    if (isPromised) {
      expect(standing?.expiresAt).toBe(UNTIL);
      expect(standingOf(collaborators, "/night/")).toHaveLength(6);
    }
    // What was locked for nothing goes when its lock ends.
    collaborators.clock.set(UNTIL);
    await run(collaborators);
    expect(standingOf(collaborators, "/night/")).toEqual([]);
    expect(collaborators.notifier.told.filter(({ subject }) => subject.includes("stopped"))).toEqual([]);
  });
  expect(crashes).toBeGreaterThan(40);
  expect(promised).toBeGreaterThan(1);
  expect(promised).toBeLessThan(crashes / 2);
});
