/** A mistake in the nightly table stops synth with one sentence that names its row. */
import { loadStage } from "../../lib/config/load-configuration";
import { AWS_REGIONS } from "../../lib/regions/aws-regions";
import { NIGHTLY_TABLE, type NightlyRow, type Place } from "../../lib/regions/nightly-table";
import { must } from "../support/must";

const row = (name: string): NightlyRow => must(NIGHTLY_TABLE.find((one) => one.name === name));
const PARIS: Place = { name: "Paris", region: "eu-west-3", politicalRegion: "EU" };
const MILAN: Place = { name: "Milan", region: "eu-south-1", politicalRegion: "EU", optIn: true };

/** The table with one row changed. */
const tableWith = (name: string, change: Partial<NightlyRow>): readonly NightlyRow[] =>
  NIGHTLY_TABLE.map((one) => (one.name === name ? { ...one, ...change } : one));
const synth = (table: readonly NightlyRow[]) => loadStage("default", undefined, table);
const TIME = 'write hours and minutes in UTC with two digits each, from "00:00" to "23:59"';
const MINUTES = "write whole minutes, from 1 to 1439";

test("the table itself, and a moved replica, are fine", () => {
  expect(() => synth(NIGHTLY_TABLE)).not.toThrow();
  const { replication } = row("Frankfurt");
  const moved = { replication: PARIS, formerReplicationRegions: [replication], firstReplicationRegion: "eu-west-1" };
  expect(() => synth(tableWith("Frankfurt", moved))).not.toThrow();
  expect(() => synth(tableWith("Oregon", { startUtc: "23:59", durationMinutes: 1439 }))).not.toThrow();
});

test.each(["25:00", "24:00", "3:5", "03:60", "0300", "03:00Z", " 03:00", "-1:00", "", "3:00 PM"])(
  "a window at %j",
  (startUtc) => {
    expect(() => synth(tableWith("Osaka", { startUtc }))).toThrow(
      `lib/regions/nightly-table.ts, Osaka: "${startUtc}" is no time of day at which its window could start; ${TIME}.`,
    );
  },
);

test.each([-60, 0, 30.5, Number.NaN])("a window of %d minutes", (durationMinutes) => {
  expect(() => synth(tableWith("Osaka", { durationMinutes }))).toThrow(
    `Osaka: its window can't take ${durationMinutes} minutes; ${MINUTES}.`,
  );
});

test.each([1440, 1500, Infinity])("a window of %d minutes meets the next night's", (durationMinutes) => {
  expect(() => synth(tableWith("Dublin", { durationMinutes }))).toThrow(
    `Dublin: its window of ${durationMinutes} minutes is still open when the next night's starts at 23:00; ${MINUTES}.`,
  );
});

test.each(["Europe/Frankfurt", "Berlin", "", "Mars/Olympus", "+01:00", "CEST"])("no zone: %j", (timeZone) => {
  expect(() => synth(tableWith("Frankfurt", { timeZone }))).toThrow(
    `Frankfurt: "${timeZone}" is no time zone of IANA's database; write "Europe/Berlin".`,
  );
});

test.each([
  ["Frankfurt", "Asia/Tokyo", "Europe/Berlin"],
  ["Dublin", "Europe/London", "Europe/Dublin"],
  ["Oregon", "America/New_York", "America/Los_Angeles"],
  ["Seoul", "Asia/Tokyo", "Asia/Seoul"],
  ["Sydney", "Australia/Brisbane", "Australia/Sydney"],
  ["London", "Etc/UTC", "Europe/London"],
])("%s is not in %s", (name, timeZone, right) => {
  expect(() => synth(tableWith(name, { timeZone }))).toThrow(
    `${name}: the clocks of ${row(name).region} are not those of "${timeZone}"; write "${right}".`,
  );
});

const FRANKFURT = row("Frankfurt");
const place = ({ name, region, politicalRegion }: Place): Place => ({ name, region, politicalRegion });
test.each<[string, string, Partial<NightlyRow>, string]>([
  [
    "a region that replicates to itself",
    "Frankfurt",
    { replication: place(FRANKFURT) },
    "it replicates to itself, eu-central-1; name another region as its replication region.",
  ],
  [
    "a region among its own former places",
    "Frankfurt",
    { formerReplicationRegions: [place(FRANKFURT)] },
    "eu-central-1 stands among its own former replication regions; remove it from formerReplicationRegions.",
  ],
  [
    "a replication region that is a former one too",
    "Frankfurt",
    { formerReplicationRegions: [FRANKFURT.replication] },
    "eu-west-1 is its replication region and a former one at once; remove it from formerReplicationRegions.",
  ],
  [
    "a former place twice",
    "Frankfurt",
    { formerReplicationRegions: [PARIS, PARIS] },
    "eu-west-3 stands twice among its former replication regions; remove one of them.",
  ],
  [
    "a first place that is none",
    "Frankfurt",
    { firstReplicationRegion: "eu-west-9" },
    'its replicas can\'t have begun in "eu-west-9"; write the code of the region that was its first replication region.',
  ],
  [
    "a region that AWS doesn't have",
    "Osaka",
    { region: "ap-northeast-9" },
    '"ap-northeast-9" (Osaka) is no region of AWS that is known here; correct the code, or add the region to lib/regions/aws-regions.ts.',
  ],
  [
    "a name in place of a code",
    "Osaka",
    { replication: { ...row("Osaka").replication, region: "Tokyo" } },
    '"Tokyo" (Tokyo) is no region of AWS that is known here',
  ],
  [
    "a replication region under another flag",
    "Oregon",
    { replication: { name: "Canada", region: "ca-central-1", politicalRegion: "US" } },
    'ca-central-1 (Canada) is in Canada, not in "US"; write "Canada" as its political region.',
  ],
  [
    "a replication region outside",
    "Frankfurt",
    { replication: { name: "London", region: "eu-west-2", politicalRegion: "UK" } },
    "its replica in London (UK) would leave EU; choose a replication region in EU;",
  ],
  [
    "a region that has to be asked for, and is not",
    "Frankfurt",
    { replication: place(MILAN) },
    "an account has to ask for eu-south-1 (Milan) first, and the row doesn't say so; add optIn: true to the place.",
  ],
  [
    "a region that needs no asking",
    "Frankfurt",
    { replication: { ...PARIS, optIn: true } },
    "every account has eu-west-3 (Paris) without asking for it, and the row says otherwise; remove optIn from the place.",
  ],
  [
    "two names for a region",
    "Dublin",
    { replication: { ...place(FRANKFURT), name: "Germany" } },
    "eu-central-1 is called Germany here and Frankfurt elsewhere; give it one name.",
  ],
  [
    "one name for two regions",
    "Frankfurt",
    { replication: { ...PARIS, name: "Dublin" } },
    "Dublin (eu-west-3) and Dublin (eu-west-1) have one name for stacks; give each a name of its own.",
  ],
])("%s", (_what, name, change, says) => {
  expect(() => synth(tableWith(name, change))).toThrow(`lib/regions/nightly-table.ts, ${name}: ${says}`);
});

test("a row twice, and a region under two names", () => {
  expect(() => synth([...NIGHTLY_TABLE, row("Osaka")])).toThrow(
    "Osaka: ap-northeast-3 has a row already; remove one of the two.",
  );
  expect(() => synth([...NIGHTLY_TABLE, { ...row("Osaka"), name: "Kansai" }])).toThrow(
    "Kansai: ap-northeast-3 has a row already, Osaka; remove one of the two.",
  );
  expect(() => synth([{ ...row("Osaka"), name: " " }])).toThrow(
    "row 1: ap-northeast-3 has no name that users know it by; write the name of the city or state.",
  );
});

test("every zone that is known here is one of IANA's", () => {
  for (const { timeZones } of Object.values(AWS_REGIONS))
    for (const timeZone of timeZones) expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow();
});
