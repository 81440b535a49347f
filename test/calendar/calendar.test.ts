/** The calendar of coming backups, against the very rules that the night itself follows. */
import { calendarNotes, describeCalendar, snapshotLives } from "../../lambda/calendar/describe-calendar";
import { firstNight, firstSunday, upcomingRuns, type CalendarQuestion } from "../../lambda/calendar/upcoming-runs";
import { startBackups } from "../../lambda/nightly-window/start-backups";
import { environmentItem } from "../backup/environment-fixture";
import { snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators } from "../support/collaborators";

const FRANKFURT = { startUtc: "00:00", durationMinutes: 180 };
const DUBLIN = { startUtc: "23:00", durationMinutes: 180 };
const environment = environmentItem("shop-production", { firstStartedAt: "2026-11-01T10:00:00Z" });
const question = (change: Partial<CalendarQuestion> = {}): CalendarQuestion => ({
  environment,
  row: FRANKFURT,
  now: new Date("2026-12-01T12:00:00Z"),
  days: 60,
  ...change,
});

describe("coming runs", () => {
  test("are one a night, with tier and expiry to the second", () => {
    const runs = upcomingRuns(question());
    expect(runs).toHaveLength(60);
    const [first] = runs;
    expect(first?.night).toBe("2026-12-02");
    expect(new Set(runs.map(({ at }) => at.toISOString().slice(11))).size).toBe(1);
    const tiers = Object.fromEntries(runs.map(({ night, tier }) => [night, tier]));
    expect(tiers).toMatchObject({
      "2026-12-05": "nightly",
      "2026-12-06": "monthly",
      "2026-12-13": "weekly",
      "2027-01-03": "monthly",
      "2027-01-10": "weekly",
    });
    const of = (wanted: string) => runs.find(({ night }) => night === wanted);
    const time = first?.at.toISOString().slice(10);
    expect(of("2026-12-02")?.expiresAt.toISOString()).toBe(`2026-12-16${time}`);
    expect(of("2026-12-13")?.expiresAt.toISOString()).toBe(`2027-03-13${time}`);
    expect(of("2026-12-06")?.expiresAt.toISOString()).toBe(`2027-12-06${time}`);
  });

  test.each([FRANKFURT, DUBLIN])("are those that the window of %j starts", async (row) => {
    const now = new Date("2026-12-05T12:00:00Z");
    const [run] = upcomingRuns(question({ row, now }));
    const c = fakeCollaborators({ now });
    await c.catalog.createEnvironment(environment);
    let startedAt: Date | undefined;
    let night = {
      date: run?.night ?? "",
      startsAt: `${run?.night}T${row.startUtc}:00Z`,
      endsAt: "2026-12-07T03:00:00Z",
      startedUntil: null as string | null,
    };
    c.clock.set(night.startsAt);
    for (let minute = 0; minute < row.durationMinutes && startedAt === undefined; minute++) {
      const output = await startBackups(night, { ...row, region: "eu-central-1" }, c);
      if (output.outcome === "wait") night = output.night;
      if (c.workflows.started.length > 0) startedAt = c.clock.now();
      c.clock.advance(60_000);
    }
    expect(startedAt?.toISOString()).toBe(run?.at.toISOString());
    expect(c.workflows.started[0]?.input).toMatchObject({ request: { tier: run?.tier, night: run?.night } });
    const [snapshot] = (await c.catalog.listSnapshots(environment.environmentId)).items;
    expect(snapshot).toMatchObject({ expiresAt: run?.expiresAt.toISOString().replace(".000Z", "Z") });
  });

  test("Rule 2: a window that opens on Sunday evening is a Sunday's, also after midnight", () => {
    const late = { ...environment, environmentId: "shop-late", lastDurationSeconds: 0 };
    const runs = upcomingRuns(question({ environment: late, row: DUBLIN, now: new Date("2026-12-05T12:00:00Z") }));
    expect(runs.map(({ night, tier }) => [night, tier]).slice(0, 3)).toEqual([
      ["2026-12-05", "nightly"],
      ["2026-12-06", "monthly"],
      ["2026-12-07", "nightly"],
    ]);
    expect(runs[1]?.at.toISOString()).toBe("2026-12-07T00:53:00.000Z");
  });

  test("go on in the middle of an open window, and leave out what has started", () => {
    const [first] = upcomingRuns(question());
    const at = first?.at.getTime() ?? 0;
    expect(upcomingRuns(question({ now: new Date(at) }))[0]?.night).toBe("2026-12-02");
    expect(upcomingRuns(question({ now: new Date(at + 1) }))[0]?.night).toBe("2026-12-03");
  });

  test("Rule 4: are none before the app has been started, and begin with the first slot after that", () => {
    expect(upcomingRuns(question({ environment: { ...environment, firstStartedAt: null } }))).toEqual([]);
    const startsLater = { ...environment, firstStartedAt: "2026-12-10T12:00:00Z" };
    expect(upcomingRuns(question({ environment: startsLater }))[0]?.night).toBe("2026-12-11");
  });
});

describe("what is worth knowing", () => {
  const started = (firstStartedAt: string | null, now = "2026-12-09T12:00:00Z"): readonly string[] =>
    calendarNotes(question({ environment: { ...environment, firstStartedAt }, now: new Date(now) }));

  test("the month of a first backup after its first Sunday has no monthly one", () => {
    expect(firstSunday("2026-12-31")).toBe("2026-12-06");
    expect(firstSunday("2026-11-15")).toBe("2026-11-01");
    expect(started("2026-12-08T10:00:00Z")).toEqual([
      "The first nightly backup, of 2026-12-09, comes after the first Sunday of December 2026, so no monthly backup is kept " +
        "for that month; download a nightly or weekly one to keep it for longer than three months.",
    ]);
  });
  test("one that comes on the first Sunday or before has, and a month that is over is no news", () => {
    expect(started("2026-12-05T10:00:00Z")).toEqual([]);
    expect(started("2026-11-08T10:00:00Z")).toEqual([]);
    expect(started("2026-12-08T10:00:00Z", "2027-01-01T00:00:00Z")).toEqual([]);
  });
  test("a start that comes after tonight's slot makes tomorrow night the first", () => {
    const [run] = upcomingRuns(question());
    const at = run?.at.getTime() ?? 0;
    const starting = (time: number): string | undefined =>
      firstNight({ ...environment, firstStartedAt: new Date(time).toISOString() }, FRANKFURT);
    expect(starting(at)).toBe("2026-12-02");
    expect(starting(at + 1000)).toBe("2026-12-03");
  });
  test("Rule 4: an app that has not been started yet", () => {
    expect(started(null)).toEqual(["Nightly backups begin once the app has been deployed and started."]);
  });
});

test("the lives of standing snapshots end at their expiry second, the oldest first", () => {
  const now = new Date("2026-12-05T00:00:10Z");
  const snapshots = [
    snapshotItem("e", "new", { createdAt: "2026-12-04T00:00:00Z", expiresAt: "2026-12-18T00:00:00Z", tier: "nightly" }),
    snapshotItem("e", "old", { createdAt: "2026-09-05T00:00:11Z", expiresAt: "2026-12-05T00:00:11Z", tier: "weekly" }),
    snapshotItem("e", "gone", { createdAt: "2026-09-05T00:00:10Z", expiresAt: "2026-12-05T00:00:10Z" }),
    snapshotItem("e", "deleted", { expiresAt: "2026-12-18T00:00:00Z", deleting: true }),
  ];
  expect(snapshotLives(snapshots, now).map(({ snapshotId, tier }) => [snapshotId, tier])).toEqual([
    ["old", "weekly"],
    ["new", "nightly"],
  ]);
  expect(describeCalendar({ ...question({ now }), snapshots })).toMatchObject({
    lives: [{ snapshotId: "old" }, { snapshotId: "new" }],
    notes: [],
  });
});
