/** The calendar of regions: windows in UTC and on the wall clock there, tiers, expiries, and the picture of them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calendarPicture } from "../../lib/calendar/calendar-picture";
import { calendarCsv, calendarMarkdown } from "../../lib/calendar/calendar-table";
import { regionCalendar } from "../../lib/calendar/region-calendar";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { must } from "../support/must";

const region = (name: string) => must(NIGHTLY_TABLE.find((row) => row.name === name));

test("summer time moves the wall clock, not the window", () => {
  const local = (name: string, from: string): readonly string[] =>
    regionCalendar(region(name), from, 3).map(
      ({ opensAt, opensLocal }) => `${opensAt.toISOString().slice(0, 16)}Z ${opensLocal}`,
    );
  expect(local("Frankfurt", "2026-10-24")).toEqual([
    "2026-10-24T00:00Z 2026-10-24 02:00 +02:00",
    "2026-10-25T00:00Z 2026-10-25 02:00 +02:00",
    "2026-10-26T00:00Z 2026-10-26 01:00 +01:00",
  ]);
  expect(local("Sydney", "2026-10-03")).toEqual([
    "2026-10-03T07:00Z 2026-10-03 17:00 +10:00",
    "2026-10-04T07:00Z 2026-10-04 18:00 +11:00",
    "2026-10-05T07:00Z 2026-10-05 18:00 +11:00",
  ]);
  expect(local("London", "2026-10-24")[1]).toBe("2026-10-25T23:00Z 2026-10-25 23:00 +00:00");
});

test("a night that opens on Sunday in UTC is a Sunday's, whatever day it is there", () => {
  const [saturday, sunday] = regionCalendar(region("Singapore"), "2026-12-05", 2);
  expect([saturday?.tier, saturday?.opensLocal]).toEqual(["nightly", "2026-12-06 01:00 +08:00"]);
  expect([sunday?.tier, sunday?.opensLocal]).toEqual(["monthly", "2026-12-07 01:00 +08:00"]);
  expect(sunday?.expiresAt.toISOString()).toBe("2027-12-06T17:00:00.000Z");
});

test("as a table: one for each region, one line for each night, and the same in CSV", () => {
  const markdown = calendarMarkdown(NIGHTLY_TABLE, "2026-11-27", 60).split("\n");
  expect(markdown.filter((line) => line.startsWith("## "))).toHaveLength(17);
  expect(markdown.filter((line) => /^\| \w{3} 20/.test(line))).toHaveLength(17 * 60);
  expect(markdown).toContain(
    "| Sun 2026-12-06 | 2026-12-06 23:00 | 2026-12-07 02:00 | 2026-12-06 23:00 +00:00 | 2026-12-07 02:00 +00:00 | monthly | 2027-12-06 23:00 |",
  );
  const csv = calendarCsv(NIGHTLY_TABLE, "2026-11-27", 60).trim().split("\n");
  expect(csv).toHaveLength(1 + 17 * 60);
  expect(csv[1]).toBe(
    "me-south-1,Bahrain,2026-11-27,2026-11-27T03:00:00.000Z,2026-11-27T04:00:00.000Z,2026-11-27 06:00 +03:00,2026-11-27 07:00 +03:00,nightly,2026-12-11T03:00:00.000Z",
  );
});

test("as a picture: a bar for each night at its hours, a mark where the clock changes, the same each time", () => {
  const osaka = region("Osaka");
  const picture = calendarPicture([osaka, region("Frankfurt")], "2026-10-20", 10);
  expect(picture).toBe(calendarPicture([osaka, region("Frankfurt")], "2026-10-20", 10));
  expect(picture.match(/<title>2026-/g)).toHaveLength(20);
  // Three hours from midnight of the seventh day, 24 pixels a day.
  expect(picture).toContain(
    `<rect x="490" y="109" width="3" height="20" fill="#9db8d9"><title>2026-10-26, nightly</title></rect>`,
  );
  expect(picture.match(/\d\d:\d\d there/g)).toEqual(["01:00 there"]);
  const later = calendarPicture([{ ...osaka, startUtc: "01:00" }], "2026-10-20", 1);
  expect(later).toContain('<rect x="347"');
});

test("npm run calendar writes table and picture, and says what it can't show", () => {
  const folder = mkdtempSync(join(tmpdir(), "calendar-"));
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [require.resolve("tsx/cli"), "bin/calendar.ts", "--to", folder, ...args], {
      cwd: join(__dirname, "..", ".."),
      encoding: "utf8",
    });
  try {
    expect(run("--from", "2026-11-27").status).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(["calendar.csv", "calendar.md", "calendar.svg"]);
    expect(readFileSync(join(folder, "calendar.svg"), "utf8")).toBe(calendarPicture(NIGHTLY_TABLE, "2026-11-27", 60));
    expect(run("--from", "2026-02-30").stderr).toBe('"2026-02-30" is no date of the form YYYY-MM-DD.\n');
    expect(run("--days", "0").stderr).toBe("--days 0 can't be shown; give a whole number from 1 to 366.\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
