/** What the page works out by itself, without a browser. */
import type { CalendarRun, SnapshotPage, SnapshotView, UploadView } from "../../console/api/types";
import { dialogHash, hashOf, routeOf } from "../../console/app/place";
import { badgeOf, stateName } from "../../console/backups/state-words";
import { mergeNewest } from "../../console/backups/merge-newest";
import { weeksOf } from "../../console/later/calendar/nights";
import { barOf, monthsOf, scaleOf } from "../../console/later/calendar/time-scale";
import { dayPieces, windowText } from "../../console/later/day-windows";
import { changesOf, type Plan } from "../../console/later/restore/changes";
import { missingParts } from "../../console/later/upload/missing-parts";
import { duration, longDate, megabytes, size, utc } from "../../console/text/format";

describe("places in the address", () => {
  test("come back as they went in, whatever the ids hold", () => {
    const place = { appId: "a/b #1", environmentId: "ümlaut%" };
    expect(routeOf(hashOf(place, "calendar"))).toEqual({ appId: place.appId, place, view: "calendar" });
    for (const dialog of [
      { kind: "create" },
      { kind: "upload" },
      { kind: "details", snapshotId: "s/1?" },
      { kind: "restore", snapshotId: "10000000-0000-8000-8000-000000000004" },
    ] as const) {
      expect(routeOf(dialogHash(place, dialog))).toEqual({ appId: place.appId, place, view: "backups", dialog });
    }
  });
  test.each([
    ["", "backups", undefined],
    ["#/", "backups", undefined],
    ["#/regions", "regions", undefined],
    ["#/apps/x", "backups", "x"],
    ["#/apps/x/environments", undefined, "x"],
    ["#/nonsense", undefined, undefined],
    ["#/apps", undefined, undefined],
    ["#/apps/%/environments/y/backups", undefined, undefined],
    ["#/calendar/more", undefined, undefined],
  ])("%s is no place, and shows the view %s of app %s", (hash, view, appId) => {
    expect(routeOf(hash)).toEqual({ appId, place: undefined, view });
  });
  test.each([
    "nonsense",
    "calendar/create",
    "backups/remove",
    "snapshots",
    "snapshots/s/burn",
    "snapshots/s/keep/more",
  ])("below an environment there is no %s", (rest) => {
    const { view, dialog } = routeOf(`#/apps/x/environments/y/${rest}`);
    expect([view, dialog]).toEqual([undefined, undefined]);
  });
});

describe("a list brought up to date with its newest page", () => {
  const snapshot = (number: number, change: Partial<SnapshotView> = {}): SnapshotView =>
    ({
      snapshot_id: `s${number}`,
      created_at: new Date(Date.UTC(2026, 0, 100 - number)).toISOString(),
      state: "completed",
      ...change,
    }) as SnapshotView;
  const page = (snapshots: SnapshotView[], total: number): SnapshotPage => ({ snapshots, total, offset: 0, limit: 2 });
  const known = [1, 2, 3, 4].map((number) => snapshot(number));

  test("takes changes and new ones, keeps older ones", () => {
    const newest = [snapshot(0), snapshot(1, { state: "failed" })];
    expect(mergeNewest(known, page(newest, 5))).toEqual([...newest, ...known.slice(1)]);
  });
  test("drops what is gone among the newest", () => {
    expect(mergeNewest(known, page([snapshot(1), snapshot(3)], 3))?.map((one) => one.snapshot_id)).toEqual([
      "s1",
      "s3",
      "s4",
    ]);
  });
  test("gives up where an older one is gone, or more came than the page holds", () => {
    expect(mergeNewest(known, page([snapshot(1), snapshot(2)], 3))).toBeUndefined();
    expect(mergeNewest(known, page([snapshot(-2), snapshot(-1)], 7))).toBeUndefined();
  });
  test("a page that is the whole list is the list", () => {
    expect(mergeNewest(known, page([], 0))).toEqual([]);
    expect(mergeNewest(known, page([snapshot(4)], 1))).toEqual([snapshot(4)]);
  });
});

describe("an upload's missing parts", () => {
  const upload = (parts: { part_number: number; size: number }[], bytes = 25): UploadView =>
    ({ size: bytes, part_size: 10, parts }) as unknown as UploadView;
  test("are those that storage doesn't hold whole", () => {
    expect(missingParts(upload([]))).toEqual({ numbers: [1, 2, 3], bytes: 0 });
    const stored = [
      { part_number: 1, size: 10 },
      { part_number: 2, size: 9 },
      { part_number: 3, size: 5 },
    ];
    expect(missingParts(upload(stored))).toEqual({ numbers: [2], bytes: 15 });
  });
});

describe("pictures of time", () => {
  const run = (at: string): CalendarRun => ({ at, night: at.slice(0, 10), tier: "nightly", expires_at: at });
  test("weeks begin on Monday and cover all days asked for", () => {
    const weeks = weeksOf([run("2026-12-06T00:34:00.000Z")], new Date("2026-12-05T12:00:00Z"), 60);
    expect(weeks.at(0)?.map(({ date }) => date)).toEqual([
      "2026-11-30",
      "2026-12-01",
      "2026-12-02",
      "2026-12-03",
      "2026-12-04",
      "2026-12-05",
      "2026-12-06",
    ]);
    expect(weeks.at(0)?.map(({ runs }) => runs.length)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect((weeks.at(-1)?.at(-1)?.date ?? "") >= "2027-02-03").toBe(true);
  });
  test("bars are cut at the picture's edges, and left out beyond them", () => {
    const now = new Date("2026-12-05T00:00:00Z");
    const scale = scaleOf(["2026-01-01T00:00:00Z"], now, 10);
    expect(barOf("2026-01-01T00:00:00Z", "2026-12-05T00:00:00Z", scale)).toEqual({ left: 0, width: 50 });
    expect(barOf("2026-12-10T00:00:00Z", "2027-12-10T00:00:00Z", scale)).toEqual({ left: 75, width: 25 });
    expect(barOf("2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z", scale)).toBeUndefined();
    expect(monthsOf(scale)).toEqual([{ at: Date.UTC(2026, 11, 1), name: "Dec" }]);
  });
  test("a window over midnight has two pieces", () => {
    expect(dayPieces("23:00", 180).map(({ left, width }) => [left, width])).toEqual([
      [(100 * 23) / 24, 100 / 24],
      [0, 200 / 24],
    ]);
    expect(dayPieces("19:30", 60)).toHaveLength(1);
    expect(windowText("23:00", 180)).toBe("23:00 to 02:00");
    expect(windowText("19:30", 60)).toBe("19:30 to 20:30");
  });
});

describe("numbers in words", () => {
  test("something is never shown as nothing", () => {
    expect([0, 1, 40_000, 99_999, 100_000, 1_126_170_624].map(megabytes)).toEqual([
      "0.0",
      "0.000001",
      "0.04",
      "0.1",
      "0.1",
      "1,126.2",
    ]);
    expect([megabytes(null), size(1_500_000_000), size(2_000_000)]).toEqual(["–", "1.5 GB", "2.0 MB"]);
  });
  test("times are UTC, wherever the browser is", () => {
    expect(utc("2026-12-03T03:18:59.000Z")).toBe("03 Dec 2026, 03:18");
    expect(longDate("2026-12-06T23:59:00Z")).toBe("Sunday 6 December 2026");
  });
  test("durations are rough", () => {
    expect([5, 45, 80, 240, 9000].map(duration)).toEqual([
      "a few seconds",
      "less than a minute",
      "about 1 minute",
      "about 4 minutes",
      "about 3 hours",
    ]);
  });
});

describe("a backup's state in the list", () => {
  const missing = { code: "FilesMissing", message: "2 files are missing." };
  const other = { code: "Warned", message: "Something else." };
  const name = (change: Partial<SnapshotView>): string =>
    stateName(badgeOf({ state: "completed", warnings: [], missing_count: 0, ...change }));
  test("tells missing files, once, and never as if nothing were", () => {
    expect(name({})).toBe("Completed");
    expect(name({ missing_count: null })).toBe("Completed");
    expect(name({ missing_count: 1 })).toBe("Completed, 1 file missing");
    expect(name({ missing_count: 2, warnings: [missing] })).toBe("Completed, 2 files missing");
    expect(name({ missing_count: 2000, warnings: [missing, other] })).toBe("Completed, 2,000 files missing, 1 warning");
    expect(name({ warnings: [other, other] })).toBe("Completed, 2 warnings");
    // What a backup that failed has not is nothing besides.
    expect(name({ state: "failed", missing_count: 2 })).toBe("Failed");
  });
});

describe("what a restore does, in people's words", () => {
  const plan = (change: Partial<Plan>): Plan =>
    ({
      files_to_put: 1200,
      bytes_to_put: 34_000_000,
      files_to_replace: 0,
      bytes_to_replace: 0,
      files_present: 38,
      files_to_remove: null,
      no_old_files: null,
      ...change,
    }) as Plan;
  const context = { target: "shop-acceptance", takenAt: "04 Dec 2026, 15:00", databaseOnly: false };
  const said = (change: Partial<Plan>, databaseOnly = false): string =>
    changesOf(plan(change), { ...context, databaseOnly }).join(" ");
  test("names the database, and each kind of files", () => {
    expect(said({})).toContain("The database of shop-acceptance is replaced");
    expect(said({})).toContain("1,200 files are put back (34.0 MB). 38 files are there already, and stay.");
    expect(said({ files_to_replace: 3, bytes_to_replace: 2_000_000 })).toContain(
      "3 files are put back over other contents (2.0 MB), which are lost.",
    );
    expect(said({ files_to_put: 0, files_present: 1 })).toContain(
      "No file has to be put back. 1 file is there already",
    );
    expect(said({}, true)).toMatch(/Its files stay as they are\.$/);
    expect(said({ files_to_remove: 5 }, true)).not.toContain("removed");
  });
  test("never hides what is removed", () => {
    expect(said({ files_to_remove: 17 })).toContain(
      "17 files are removed, because the backup's database does not name them.",
    );
    expect(said({ files_to_remove: 1 })).toContain(
      "1 file is removed, because the backup's database does not name it.",
    );
    expect(said({ files_to_remove: 0 })).toContain("No file is removed.");
    expect(said({})).toContain("Files that the backup's database does not name are removed.");
    // The plan says why in words of its own.
    expect(said({ no_old_files: "The target's database can't be read, so no file is removed." })).not.toContain(
      "removed",
    );
  });
});
