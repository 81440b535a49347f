import { startBackups } from "../../lambda/nightly-window/start-backups";
import { openNight } from "../../lambda/nightly-window/open-night";
import type { NightRef, WindowOutput, WindowRow } from "../../lambda/nightly-window/contract";
import { nightlySnapshotId } from "../../lambda/backup/snapshot-ids";
import { slotTime } from "../../lambda/rules/slots";
import { environmentItem } from "../backup/environment-fixture";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

const ROW: WindowRow = { region: "eu-central-1", startUtc: "23:00", durationMinutes: 60 };
const SCHEDULED = "2026-12-06T23:00:00Z";
const SUNDAY: NightRef = {
  date: "2026-12-06",
  startsAt: "2026-12-06T23:00:00Z",
  endsAt: "2026-12-07T00:00:00Z",
  startedUntil: null,
};

const at = (time: string): FakeCollaborators => fakeCollaborators({ now: new Date(time), tablePageLimit: 7 });
const open = (collaborators: FakeCollaborators, executionArn?: string) =>
  openNight(
    { step: "open", event: { scheduledTime: SCHEDULED }, ...(executionArn === undefined ? {} : { executionArn }) },
    ROW,
    collaborators,
  );

/** Plays the workflow: opens, then starts each minute; returns the minutes with what they started. */
async function playNight(collaborators: FakeCollaborators, opened: WindowOutput): Promise<Map<string, string[]>> {
  const minutes = new Map<string, string[]>();
  let output = opened;
  for (let round = 0; output.outcome === "wait"; round++) {
    if (round > 200) throw new Error("The night does not end.");
    if (new Date(output.waitUntil) > collaborators.clock.now()) collaborators.clock.set(output.waitUntil);
    const before = collaborators.workflows.started.length;
    output = await startBackups(output.night, ROW, collaborators);
    const started = collaborators.workflows.started.slice(before).map(({ name }) => name);
    if (started.length > 0) minutes.set(collaborators.clock.now().toISOString().slice(11, 16), started);
  }
  return minutes;
}

async function register(collaborators: FakeCollaborators, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `app-${index}`);
  for (const id of ids) await collaborators.catalog.createEnvironment(environmentItem(id, { lastDurationSeconds: 60 }));
  return ids;
}

describe("opening a night", () => {
  test("the scheduled event opens its night", async () => {
    expect(await open(at("2026-12-06T23:00:02Z"))).toEqual({
      outcome: "wait",
      night: SUNDAY,
      waitUntil: "2026-12-06T23:00:02Z",
      started: 0,
    });
  });

  test("Rule 2: an event nearly an hour late still opens Sunday's night, after midnight too", async () => {
    const collaborators = fakeCollaborators({ now: new Date("2026-12-07T00:00:00Z") });
    const opened = await openNight(
      { step: "open", event: { scheduledTime: SCHEDULED } },
      { ...ROW, durationMinutes: 180 },
      collaborators,
    );
    expect(opened).toMatchObject({ outcome: "wait", night: { date: "2026-12-06" } });
  });

  test("an event older than the window is dropped, and leaves the night unopened", async () => {
    const collaborators = at("2026-12-07T00:00:00Z");
    const output = await open(collaborators);
    expect(output).toEqual({
      outcome: "dropped",
      reason:
        "The event of 2026-12-06T23:00:00Z came at 2026-12-07T00:00:00Z, after the window of eu-central-1 had closed at 2026-12-07T00:00:00Z.",
    });
    expect(collaborators.table.all()).toEqual([]);
  });

  test("the second delivery of an event is dropped", async () => {
    const collaborators = at("2026-12-06T23:00:00Z");
    expect((await open(collaborators, "execution-1")).outcome).toBe("wait");
    expect(await open(collaborators, "execution-2")).toEqual({
      outcome: "dropped",
      reason: "The night of 2026-12-06 in eu-central-1 has been opened before.",
    });
  });

  test("the same execution, asked again after a lost reply, still opens the night", async () => {
    const collaborators = at("2026-12-06T23:00:00Z");
    collaborators.table.onReply = () => {
      throw new Error("reply lost");
    };
    await expect(open(collaborators, "execution-1")).rejects.toThrow("reply lost");
    collaborators.table.onReply = undefined;
    expect((await open(collaborators, "execution-1")).outcome).toBe("wait");
  });
});

describe("starting a night's backups", () => {
  test("every environment starts once, in its own slot, under its own name", async () => {
    const collaborators = at("2026-12-06T23:00:00Z");
    const ids = await register(collaborators, 40);
    const minutes = await playNight(collaborators, await open(collaborators));
    expect([...minutes.values()].flat().toSorted()).toEqual(ids.map((id) => `${id}-2026-12-06-1`).toSorted());
    for (const id of ids) {
      const slot = slotTime({ environmentId: id, lastDurationSeconds: 60 }, new Date(SUNDAY.startsAt), 60);
      expect(minutes.get(slot.toISOString().slice(11, 16))).toContain(`${id}-2026-12-06-1`);
    }
    expect(minutes.size).toBeGreaterThan(15);
  });

  test("Rule 2: the snapshot is queued with the night's tier before its execution starts", async () => {
    const collaborators = at("2026-12-06T23:59:00Z");
    await register(collaborators, 1);
    const output = await startBackups(SUNDAY, ROW, collaborators);
    expect(output).toMatchObject({ outcome: "done", started: 1 });
    const snapshotId = nightlySnapshotId("app-0", "2026-12-06");
    expect(await collaborators.catalog.getSnapshot("app-0", snapshotId)).toMatchObject({
      state: "queued",
      tier: "monthly",
      night: "2026-12-06",
      attempt: 1,
      createdBy: "Nightly",
      expiresAt: "2027-12-06T23:59:00Z",
    });
    expect(collaborators.workflows.started[0]?.input).toMatchObject({
      request: { snapshotId, trigger: "nightly", tier: "monthly", attempt: 1 },
    });
  });

  test("Rule 4: only environments that have been started, and only those of this region", async () => {
    const collaborators = at("2026-12-06T23:59:00Z");
    await collaborators.catalog.createEnvironment(environmentItem("never-started", { firstStartedAt: null }));
    const elsewhere = environmentItem("elsewhere");
    await collaborators.catalog.createEnvironment({
      ...elsewhere,
      registration: { ...elsewhere.registration, region: "eu-west-1" },
    });
    await collaborators.catalog.createEnvironment(environmentItem("stopped", { running: false }));
    await startBackups(SUNDAY, ROW, collaborators);
    expect(collaborators.workflows.started.map(({ name }) => name)).toEqual(["stopped-2026-12-06-1"]);
  });

  test("a late night starts at once what is due, and the rest in its slot", async () => {
    const collaborators = at("2026-12-06T23:30:00Z");
    await register(collaborators, 40);
    const minutes = await playNight(collaborators, await open(collaborators));
    expect([...minutes.keys()][0]).toBe("23:30");
    expect(minutes.get("23:30")?.length).toBeGreaterThan(10);
    expect([...minutes.values()].flat()).toHaveLength(40);
  });

  test("one environment's failure stops no other, and the next round tries it again", async () => {
    const collaborators = at("2026-12-06T23:00:00Z");
    await register(collaborators, 20);
    let faults = 0;
    collaborators.table.onRequest = (operation, { pk }) => {
      if (operation === "put" && pk === "ENVIRONMENT#app-7" && ++faults <= 2) throw new Error("throttled");
    };
    const minutes = await playNight(collaborators, await open(collaborators));
    // Two faults, then the round that starts it, then the last round, which looks at all once more.
    expect(faults).toBe(4);
    expect([...minutes.values()].flat()).toHaveLength(20);
    expect(collaborators.log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
  });

  test("a night that ends without one of its backups says so, after starting all others", async () => {
    const collaborators = at("2026-12-06T23:59:00Z");
    await register(collaborators, 20);
    collaborators.table.onRequest = (operation, { pk }) => {
      if (operation === "put" && pk === "ENVIRONMENT#app-7") throw new Error("throttled");
    };
    await expect(startBackups(SUNDAY, ROW, collaborators)).rejects.toThrow(
      "1 backups of the night of 2026-12-06 in eu-central-1 could not be started (app-7); see the function's log for the reasons.",
    );
    expect(collaborators.workflows.started).toHaveLength(19);
  });

  test("a round repeated after a lost reply starts nothing twice, and starts what was only queued", async () => {
    const collaborators = at("2026-12-06T23:59:00Z");
    await register(collaborators, 3);
    const start = collaborators.workflows.start.bind(collaborators.workflows);
    collaborators.workflows.start = async () => {
      throw new Error("no answer");
    };
    await expect(startBackups(SUNDAY, ROW, collaborators)).rejects.toThrow("3 backups");
    collaborators.workflows.start = start;
    expect(await startBackups(SUNDAY, ROW, collaborators)).toMatchObject({ outcome: "done", started: 3 });
    expect(await startBackups(SUNDAY, ROW, collaborators)).toMatchObject({ outcome: "done", started: 0 });
    expect(collaborators.workflows.started).toHaveLength(3);
  });

  test("before the window nothing starts", async () => {
    const collaborators = at("2026-12-06T22:50:00Z");
    await register(collaborators, 3);
    expect(await open(collaborators)).toMatchObject({ outcome: "wait", waitUntil: "2026-12-06T23:00:00Z" });
    expect(await startBackups(SUNDAY, ROW, collaborators)).toMatchObject({
      outcome: "wait",
      waitUntil: "2026-12-06T23:00:00Z",
      started: 0,
    });
    expect(collaborators.workflows.started).toEqual([]);
  });
});
