/** Changes of real templates, harmless and harmful, each with the sentence that the review prints and how it ends. */
import { review } from "../../lib/review/review";
import { must } from "../support/must";
import type { Json } from "../support/synthesized";
import { HARMFUL } from "./harmful-changes";
import { HARMLESS } from "./harmless-changes";
import { Changed, found, unchanged } from "./template-changes";

const NOW = new Date("2026-11-26T12:00:00Z");

test.each(HARMLESS)("passes: $change", ({ make, says }) => {
  const changed = new Changed();
  make(changed);
  const { refused, changes } = review({ before: changed.reviewed(), after: changed.deployment(), now: NOW });
  expect({ refused, changes }).toEqual({ refused: [], changes: says });
});

test.each(HARMFUL)("is refused: $change", ({ make, says, changes = [] }) => {
  const changed = new Changed();
  make(changed);
  const { refused, changes: told } = review({ before: changed.reviewed(), after: changed.deployment(), now: NOW });
  expect({ refused: refused.flatMap(({ statements }) => statements), changes: told }).toEqual({
    refused: says,
    changes,
  });
  /** Statements, not refusals; what to do instead stands beside them, and nothing is cut short. */
  for (const { id, statements, instead } of refused) {
    expect(id).toMatch(/^[a-z][a-z0-9-]+$/);
    expect(instead.join("; ")).toMatch(/^[a-z]/);
    for (const statement of statements)
      expect(statement).not.toMatch(/would |\d more\b|\.\.\.|accept it|; (keep|take|put) /);
  }
});

test("at least 25 changes are tried, harmless and harmful", () => {
  expect(HARMLESS.length).toBeGreaterThanOrEqual(10);
  expect(HARMFUL.length).toBeGreaterThanOrEqual(25);
});

test("nothing changes when nothing changes, also when every asset is built anew", () => {
  const changed = new Changed();
  const text = JSON.stringify(changed.stacks).replace(/[0-9a-f]{64}/g, "0".repeat(64));
  changed.stacks = JSON.parse(text) as Json[];
  expect(review({ before: unchanged, after: changed.deployment(), now: NOW })).toEqual({
    refused: [],
    changes: [],
    calendar: [],
    snapshots: [],
  });
});

test("what a moved start does to calendar and snapshots", () => {
  const changed = new Changed();
  changed.properties("Primary-Osaka", "AWS::Scheduler::Schedule", "nightly-window").ScheduleExpression =
    "cron(0 1 * * ? *)";
  const snapshot = (tier: "nightly" | "weekly", createdAt: string, expiresAt: string) => ({
    tier,
    createdAt,
    expiresAt,
  });
  const snapshots = [
    snapshot("nightly", "2026-11-25T00:10:00Z", "2026-12-09T00:10:00Z"),
    snapshot("nightly", "2026-11-26T00:10:00Z", "2026-12-10T00:10:00Z"),
    snapshot("weekly", "2026-11-22T00:10:00Z", "2027-02-22T00:10:00Z"),
    snapshot("nightly", "2026-11-01T00:10:00Z", "2026-11-15T00:10:00Z"),
  ];
  const moved = review({ before: unchanged, after: changed.deployment(), now: NOW, snapshots });
  expect([...moved.changes, ...moved.calendar, ...moved.snapshots]).toEqual([
    "Osaka's start moves from 00:00 to 01:00 UTC.",
    "Osaka's next night opens 2026-11-27 01:00 to 02:00 UTC (2026-11-27 10:00 +09:00 there, nightly) instead of 2026-11-27 00:00 to 01:00 UTC (2026-11-27 09:00 +09:00 there, nightly).",
    "3 snapshots' expiry is unchanged.",
  ]);
  const shorter = new Changed();
  shorter.rules.retention.nightly = { days: 7 };
  expect(review({ before: unchanged, after: shorter.deployment(), now: NOW, snapshots }).snapshots).toEqual([
    "3 snapshots' expiry is unchanged.",
    "Taken anew, 2 of them would expire earlier.",
  ]);
});

test("a new region that looks like the others is no widening, and one that doesn't is", () => {
  const withoutOsaka = new Changed();
  withoutOsaka.stacks = withoutOsaka.stacks.filter(({ id }: Json) => !id.endsWith("-Osaka"));
  const before = withoutOsaka.deployment();
  const same = review({ before, after: unchanged, now: NOW });
  expect(same).toMatchObject({
    refused: [],
    changes: [
      "In Osaka, the stack backups-ap-northeast-3-replica in Tokyo is new.",
      "Nightly backups begin in Osaka, at 00:00 UTC, replicated to Tokyo.",
    ],
  });
  const changed = new Changed();
  must(changed.statements("Primary-Osaka", "retention")[0]).Action = "s3:*";
  expect(review({ before, after: changed.deployment(), now: NOW }).refused).toHaveLength(1);
});

test("the same change everywhere is one sentence", () => {
  expect(found.map(({ id }) => id)).toHaveLength(6);
  const changed = new Changed();
  changed.everyPrimary((id) => {
    changed.properties(id, "AWS::Lambda::Function", "api").MemorySize = 512;
  });
  changed.properties("Primary-Osaka", "AWS::Lambda::Function", "console").MemorySize = 3008;
  changed.properties("Primary-Tokyo", "AWS::Lambda::Function", "console").MemorySize = 3008;
  expect(review({ before: unchanged, after: changed.deployment(), now: NOW }).changes).toEqual([
    'In every region, the function "api" gets 512 MB of memory instead of 1024.',
    'In Osaka and Tokyo, the function "console" gets 3008 MB of memory instead of 512.',
  ]);
});
