/** Never the last good one, silently: who is told, when, how often, and that the expiry holds unless somebody acts. */
import { must } from "../support/must";
import { expireEnvironment } from "../../lambda/retention/expire";
import { selectEnvironments } from "../../lambda/retention/select";
import { takeLease } from "../../lambda/runtime/lease";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import { KEEP_START } from "../../lambda/keep/contract";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { crashAt } from "./crash-at-each-request";
import { DAY, expire, removeManifest, run } from "./retention-run";
import { createEnvironment, ENVIRONMENT, seal, standing } from "./sealed-environment";

const TAKEN = new Date("2026-12-03T03:18:00Z");
const EXPIRY = "2026-12-17T03:18:00Z";
const FIVE_MINUTES = 300_000;

const lastNight = async (): Promise<FakeCollaborators> => {
  const collaborators = fakeCollaborators({ now: TAKEN });
  await seal(collaborators, await createEnvironment(collaborators), "night");
  return collaborators;
};
const warnings = ({ notifier }: FakeCollaborators) =>
  notifier.told.filter(({ subject }) => subject === `Last snapshot of ${ENVIRONMENT} expires`);
/** Retention's runs, every five minutes. */
async function runUntil(collaborators: FakeCollaborators, until: string): Promise<void> {
  while (collaborators.clock.now() < new Date(until)) {
    collaborators.clock.advance(FIVE_MINUTES);
    await run(collaborators);
  }
}

test("Rule 3: someone is told seven days, two days and one day before, within five minutes, and then it goes", async () => {
  const collaborators = await lastNight();
  const times: string[] = [];
  collaborators.notifier.tell = async (subject, message) => {
    times.push(collaborators.clock.now().toISOString());
    collaborators.notifier.told.push({ subject, message });
  };
  await runUntil(collaborators, EXPIRY);
  expect(times).toEqual(["2026-12-10T03:18:00.000Z", "2026-12-15T03:18:00.000Z", "2026-12-16T03:18:00.000Z"]);
  expect(warnings(collaborators)[0]?.message).toBe(
    `Environment ${ENVIRONMENT}, snapshot night: The last snapshot, of 2026-12-03T03:18:00Z, expires on ${EXPIRY} and no newer one exists: ` +
      "then nothing is left to restore. Take a new snapshot, or let an administrator keep this one longer. " +
      `To keep it: npx backups keep ${ENVIRONMENT} night --until DATE`,
  );
  expect(collaborators.events.published.filter(({ type }) => type === "Snapshot State Change")).toEqual(
    Array.from({ length: 3 }, () => ({
      type: "Snapshot State Change",
      detail: { environmentId: ENVIRONMENT, snapshotId: "night", state: "expiring", expiresAt: EXPIRY },
    })),
  );
  expect(standing(collaborators)).toEqual([]);
  expect(await collaborators.catalog.getLastWarning(ENVIRONMENT)).toBeUndefined();
});

test("nobody is told while a newer one is taken every night", async () => {
  const collaborators = await lastNight();
  const environment = must(await collaborators.catalog.getEnvironment(ENVIRONMENT));
  for (let night = 1; night <= 20; night++) {
    collaborators.clock.advance(DAY);
    await seal(collaborators, environment, `night-${night}`);
    await run(collaborators);
  }
  expect(collaborators.notifier.told).toEqual([]);
});

test("who acts is told no more: a newer snapshot, or a later date", async () => {
  for (const act of ["backup", "keep"]) {
    const collaborators = await lastNight();
    await runUntil(collaborators, "2026-12-11T00:00:00Z");
    expect(warnings(collaborators)).toHaveLength(1);
    if (act === "backup")
      await seal(collaborators, must(await collaborators.catalog.getEnvironment(ENVIRONMENT)), "newer");
    else {
      const input = { environmentId: ENVIRONMENT, snapshotId: "night", until: "2027-06-01T00:00:00Z" };
      await keepSnapshot({ ...input, executionArn: "keep", requestedBy: "admin", progress: KEEP_START }, collaborators);
    }
    await runUntil(collaborators, "2026-12-17T03:25:00Z");
    expect(warnings(collaborators)).toHaveLength(1);
    expect(await collaborators.catalog.getLastWarning(ENVIRONMENT)).toBeUndefined();
  }
});

test("the look comes in time while the environment is busy, and while expiry has stopped", async () => {
  const busy = await lastNight();
  await run(busy);
  await takeLease(busy, { environmentId: ENVIRONMENT, executionArn: "restore", purpose: "restore" });
  busy.clock.set("2026-12-10T03:18:00Z");
  await run(busy);
  expect(warnings(busy)).toHaveLength(1);

  const stopped = await lastNight();
  const environment = must(await stopped.catalog.getEnvironment(ENVIRONMENT));
  await seal(stopped, environment, "second");
  await removeManifest(stopped, environment, "second");
  await runUntil(stopped, "2026-12-16T03:18:00Z");
  expect(warnings(stopped)).toHaveLength(3);
});

test("the first look at an environment tells at once, at the lead that has come last", async () => {
  const collaborators = await lastNight();
  collaborators.clock.set("2026-12-16T12:00:00Z");
  await run(collaborators);
  await run(collaborators);
  expect(warnings(collaborators)).toHaveLength(1);
  expect(await collaborators.catalog.getLastWarning(ENVIRONMENT)).toMatchObject({ lead: 1, snapshotId: "night" });
});

test("an older one that lives longer is named", async () => {
  const collaborators = fakeCollaborators({ now: new Date("2026-11-29T03:18:00Z") });
  const environment = await createEnvironment(collaborators);
  await seal(collaborators, environment, "week", { tier: "weekly" });
  collaborators.clock.set(TAKEN);
  await seal(collaborators, environment, "night");
  collaborators.clock.set("2026-12-16T12:00:00Z");
  await run(collaborators);
  expect(warnings(collaborators)[0]?.message).toContain("the newest that is left is the one of 2026-11-29T03:18:00Z");
});

test.each(["before", "after"] as const)("I5: a crash %s any request repeats at most one message", async (moment) => {
  for (let at = 1; ; at++) {
    const collaborators = await lastNight();
    collaborators.clock.set("2026-12-10T03:18:00Z");
    const crashed = await crashAt(collaborators, at, moment, async () => {
      const { environments } = await selectEnvironments(collaborators);
      for (const environmentId of environments)
        await expireEnvironment({ step: "expire", executionArn: "first", environmentId }, collaborators);
    });
    collaborators.workflows.ended.add("first");
    collaborators.clock.advance(FIVE_MINUTES);
    await run(collaborators);
    expect([1, 2]).toContain(warnings(collaborators).length);
    collaborators.clock.advance(FIVE_MINUTES);
    const told = warnings(collaborators).length;
    await run(collaborators);
    expect(warnings(collaborators)).toHaveLength(told);
    if (!crashed) return;
  }
});

test("who can't be told keeps nothing from expiring, and is told by the next run", async () => {
  const collaborators = await lastNight();
  const tell = collaborators.notifier.tell.bind(collaborators.notifier);
  collaborators.clock.set("2026-12-10T03:18:00Z");
  collaborators.notifier.tell = () => Promise.reject(new Error("SNS is away"));
  expect(await expire(collaborators)).toMatchObject({ outcome: "done" });
  collaborators.notifier.tell = tell;
  collaborators.clock.advance(FIVE_MINUTES);
  expect(await run(collaborators)).toEqual([ENVIRONMENT]);
  expect(warnings(collaborators)).toHaveLength(1);
});
