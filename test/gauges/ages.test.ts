/** From when on an environment's newest backup counts as old: of those that have one, and of those that have none yet. */
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import { TOO_OLD_SECONDS } from "../../lambda/gauges/contract";
import { Tally } from "../../lambda/gauges/tally";
import { firstWindowFrom } from "../../lambda/rules/window-times";
import { environmentItem, snapshotItem } from "../catalog/catalog-fixtures";

const HOUR = 3600;
/** A window over midnight, and one within a day. */
const LATE = { region: "eu-central-1", startUtc: "23:00", durationMinutes: 180 };
const NOON = { region: "eu-central-1", startUtc: "12:00", durationMinutes: 180 };

interface Case {
  readonly now: string;
  readonly row?: typeof LATE;
  readonly environment?: Partial<EnvironmentItem>;
  readonly snapshots?: readonly Partial<SnapshotItem>[];
}
const agesOf = ({ now, row = LATE, environment = {}, snapshots = [] }: Case) => {
  const tally = new Tally(new Date(now), row);
  tally.environment(environmentItem("shop", { firstStartedAt: "2026-12-05T22:59:00Z", ...environment }));
  for (const [index, change] of snapshots.entries())
    tally.snapshot(
      snapshotItem("shop", `s${index}`, {
        state: "completed",
        createdAt: "2026-12-05T23:10:00Z",
        finishedAt: "2026-12-05T23:30:00Z",
        replicatedAt: "2026-12-05T23:40:00Z",
        ...change,
      }),
    );
  return tally.gauges().ages;
};
const hours = (given: Case): number | undefined => {
  const [age] = agesOf(given);
  return age === undefined ? undefined : age.seconds / HOUR;
};

test.each([
  ["the very opening", LATE, "2026-12-05T23:00:00Z", "2026-12-05T23:00:00Z"],
  ["a minute before", LATE, "2026-12-05T22:59:00Z", "2026-12-05T23:00:00Z"],
  ["a second after", LATE, "2026-12-05T23:00:01Z", "2026-12-06T23:00:00Z"],
  ["within the window, after midnight", LATE, "2026-12-06T01:30:00Z", "2026-12-06T23:00:00Z"],
  ["the end of a month", LATE, "2026-12-31T23:30:00Z", "2027-01-01T23:00:00Z"],
  ["the night of Europe's summer time", NOON, "2026-03-29T01:30:00Z", "2026-03-29T12:00:00Z"],
  ["after the window", NOON, "2026-12-05T15:00:00Z", "2026-12-06T12:00:00Z"],
])("the first window from %s on", (_name, row, from, opens) => {
  expect(firstWindowFrom(row, new Date(from)).startsAt.toISOString()).toBe(opens.replace("Z", ".000Z"));
});

describe("an environment without any backup", () => {
  const started = (firstStartedAt: string, now: string, row = LATE) =>
    hours({ now, row, environment: { firstStartedAt } });
  test.each([
    ["has no age before the window in which its first is due", "2026-12-05T08:00:00Z", "2026-12-05T22:59:59Z", 0],
    ["is counted from that window on", "2026-12-05T22:59:00Z", "2026-12-06T00:00:00Z", 1],
    ["started in a window, it is due in the next", "2026-12-05T23:30:00Z", "2026-12-06T23:00:00Z", 0],
    ["started after midnight in a window, likewise", "2026-12-06T01:00:00Z", "2026-12-07T00:00:00Z", 1],
    ["started long ago, it is as old as that", "2026-12-01T12:00:00Z", "2026-12-06T23:00:00Z", 120],
  ])("%s", (_name, firstStartedAt, now, expected) => {
    expect(started(firstStartedAt, now)).toBe(expected);
  });
  test("is too old 26 hours after the window opened in which the first was due, and not before", () => {
    const now = (seconds: number) => new Date(Date.parse("2026-12-05T23:00:00Z") + seconds * 1000).toISOString();
    expect((hours({ now: now(TOO_OLD_SECONDS - 1) }) ?? 0) * HOUR).toBeLessThan(TOO_OLD_SECONDS);
    expect((hours({ now: now(TOO_OLD_SECONDS) }) ?? 0) * HOUR).toBe(TOO_OLD_SECONDS);
  });
});

test.each<readonly [string, Partial<EnvironmentItem>]>([
  ["never started", { firstStartedAt: null }],
  ["by a clock that is ahead", { firstStartedAt: "2027-01-01T00:00:00Z" }],
  ["of another region", { registration: { ...environmentItem("shop").registration, region: "eu-west-1" } }],
])("%s: not counted", (_name, environment) => {
  expect(hours({ now: "2026-12-30T00:00:00Z", environment })).toBeUndefined();
});

const NOW = "2026-12-06T23:10:00Z";
test.each<readonly [string, Omit<Case, "now">, number]>([
  ["a backup counts from when it was taken", { snapshots: [{}] }, 24],
  ["the newest of several", { snapshots: [{ createdAt: "2026-12-06T11:10:00Z", tier: "on-demand" }, {}] }, 12],
  [
    "stopped and started again: the first start counts, and its backups go on",
    { environment: { running: false }, snapshots: [{}] },
    24,
  ],
  [
    "from a catalog that was rebuilt: by its record and its manifests",
    {
      environment: { lastSnapshotId: null, lastDurationSeconds: null, firstStartedAt: "2026-11-01T00:00:00Z" },
      snapshots: [{ night: null }],
    },
    24,
  ],
  [
    "without replication: at home",
    { environment: { replication: "single-region" }, snapshots: [{ replicatedAt: null }] },
    24,
  ],
  [
    "an upload is no backup",
    { snapshots: [{}, { tier: "uploaded", night: null, createdAt: "2026-12-06T22:10:00Z" }] },
    24,
  ],
  ["not at the far end yet", { snapshots: [{}, { createdAt: "2026-12-06T22:10:00Z", replicatedAt: null }] }, 24],
  ["failed", { snapshots: [{}, { createdAt: "2026-12-06T22:10:00Z", state: "failed" }] }, 24],
  ["being deleted", { snapshots: [{}, { createdAt: "2026-12-06T22:10:00Z", deleting: true }] }, 24],
  ["expired", { snapshots: [{}, { createdAt: "2026-12-06T22:10:00Z", expiresAt: "2026-12-06T23:00:00Z" }] }, 24],
])("%s", (_name, given, expected) => {
  expect(hours({ now: NOW, ...given })).toBeCloseTo(expected, 10);
});

test("only an upload: it is as if there were nothing", () => {
  expect(agesOf({ now: NOW, snapshots: [{ tier: "uploaded", night: null }] })).toEqual([
    { environmentId: "shop", seconds: 24 * HOUR + 600, hasBackup: false },
  ]);
});
