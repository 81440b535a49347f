/** Rule 1: the nightly table, compared with the users' documents and with the time zones of the world. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NIGHTLY_TABLE, type NightlyRow } from "../../lib/regions/nightly-table";
import { must } from "../support/must";

interface DocumentedRow {
  readonly name: string;
  readonly replication: string;
  readonly startUtc: string;
  readonly localTime: string;
  readonly hours: number;
  readonly rightIn: "standard" | "summer";
}

const documented: readonly DocumentedRow[] = readFileSync(join(__dirname, "users-nightly-table.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [name, replication, startUtc, localTime, duration, rightIn] = line.split("|").map((cell) => cell.trim());
    return {
      name,
      replication,
      startUtc,
      localTime,
      hours: Number.parseInt(must(duration), 10),
      rightIn,
    } as DocumentedRow;
  });

const row = (name: string): NightlyRow => must(NIGHTLY_TABLE.find((candidate) => candidate.name === name));

/** Local times of a UTC time in the middle of each half of the year, standard time first. */
const localTimes = (startUtc: string, timeZone: string): Record<"standard" | "summer", string> => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const offset = (date: Date): number => {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(date);
    const [, sign, hours, minutes] = must(
      /GMT(?:([+-])(\d\d):(\d\d))?/.exec(must(parts.find(({ type }) => type === "timeZoneName")).value),
    );
    return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  };
  const [standard, summer] = ["2026-01-15", "2026-07-15"]
    .map((date) => new Date(`${date}T${startUtc}:00Z`))
    .toSorted((a, b) => offset(a) - offset(b)) as [Date, Date];
  return { standard: format.format(standard), summer: format.format(summer) };
};

test("Rule 1: the nightly table has the 17 rows of the users' documents, in their order", () => {
  expect(
    NIGHTLY_TABLE.map(({ name, replication, startUtc, durationMinutes }) => [
      name,
      replication.name,
      startUtc,
      durationMinutes,
    ]),
  ).toEqual(documented.map(({ name, replication, startUtc, hours }) => [name, replication, startUtc, hours * 60]));
  expect(documented).toHaveLength(17);
});

test.each(documented)(
  "Rule 1: the window of $name starts at $localTime there, in $rightIn time",
  ({ name, startUtc, localTime, rightIn }) => {
    expect(localTimes(startUtc, row(name).timeZone)[rightIn]).toBe(localTime);
  },
);

test("Rule 1: every region has its AWS code", () => {
  expect(
    Object.fromEntries(NIGHTLY_TABLE.map(({ name, region, replication }) => [name, `${region}→${replication.region}`])),
  ).toEqual({
    Bahrain: "me-south-1→ap-south-1",
    Canada: "ca-central-1→ca-west-1",
    "Cape Town": "af-south-1→eu-central-1",
    Dublin: "eu-west-1→eu-central-1",
    Frankfurt: "eu-central-1→eu-west-1",
    Jakarta: "ap-southeast-3→ap-southeast-1",
    London: "eu-west-2→eu-central-1",
    Mumbai: "ap-south-1→ap-south-2",
    "N. Virginia": "us-east-1→us-west-1",
    Oregon: "us-west-2→us-east-2",
    Osaka: "ap-northeast-3→ap-northeast-1",
    "São Paulo": "sa-east-1→us-east-1",
    Seoul: "ap-northeast-2→ap-southeast-1",
    Singapore: "ap-southeast-1→ap-southeast-2",
    Sydney: "ap-southeast-2→ap-southeast-4",
    Tokyo: "ap-northeast-1→ap-northeast-3",
    UAE: "me-central-1→ap-south-1",
  });
});

test("a region has one name, one code and one political region, wherever it stands in the table", () => {
  const places = NIGHTLY_TABLE.flatMap((each) => [each, each.replication]).map(({ name, region, politicalRegion }) => ({
    name,
    region,
    politicalRegion,
  }));
  const distinct = new Set(places.map((place) => JSON.stringify(place)));
  expect(distinct.size).toBe(22);
  expect(new Set(places.map(({ name }) => name)).size).toBe(22);
  expect(new Set(places.map(({ region }) => region)).size).toBe(22);
});

test("no region replicates into itself, and none has a former replication region yet", () => {
  for (const { region, replication, formerReplicationRegions } of NIGHTLY_TABLE) {
    expect(replication.region).not.toBe(region);
    expect(formerReplicationRegions).toEqual([]);
  }
});
