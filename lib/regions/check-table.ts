/**
 * What of the nightly table can't be meant: each mistake stops synth with one sentence that names the row. Residence is
 * judged in residency.ts. Pure.
 */
import { ConfigurationError } from "../config/configuration-error";
import { stackLabel } from "../names";
import { AWS_REGIONS } from "./aws-regions";
import type { NightlyRow, Place } from "./nightly-table";

const DAY_MINUTES = 24 * 60;

interface Objection {
  readonly problem: string;
  readonly mend: string;
}

/** Throws ConfigurationError on the first row that can't be meant. */
export const checkTable = (rows: readonly NightlyRow[]): void => {
  for (const [index, row] of rows.entries()) {
    const found =
      objectionToWindow(row) ??
      placesOf(row)
        .map(objectionToPlace)
        .find((one) => one !== undefined) ??
      objectionToZone(row) ??
      objectionToReplication(row) ??
      objectionBeside(row, rows.slice(0, index));
    if (found === undefined) continue;
    const who = typeof row.name === "string" && row.name.trim() !== "" ? row.name : `row ${index + 1}`;
    throw new ConfigurationError("lib/regions/nightly-table.ts", who, found.problem, found.mend);
  }
};

const placesOf = (row: NightlyRow): readonly Place[] => [row, row.replication, ...row.formerReplicationRegions];

const objectionToWindow = ({ startUtc, durationMinutes }: NightlyRow): Objection | undefined => {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(startUtc))
    return {
      problem: `"${startUtc}" is no time of day at which its window could start`,
      mend: 'write hours and minutes in UTC with two digits each, from "00:00" to "23:59"',
    };
  if (Number.isInteger(durationMinutes) && durationMinutes > 0 && durationMinutes < DAY_MINUTES) return undefined;
  const problem =
    durationMinutes >= DAY_MINUTES
      ? `its window of ${durationMinutes} minutes is still open when the next night's starts at ${startUtc}`
      : `its window can't take ${durationMinutes} minutes`;
  return { problem, mend: `write whole minutes, from 1 to ${DAY_MINUTES - 1}` };
};

const objectionToPlace = (place: Place): Objection | undefined => {
  if (stackLabel(place.name.trim()) === "")
    return {
      problem: `${place.region} has no name that users know it by`,
      mend: "write the name of the city or state",
    };
  const known = AWS_REGIONS[place.region];
  if (known === undefined)
    return {
      problem: `"${place.region}" (${place.name}) is no region of AWS that is known here`,
      mend: "correct the code, or add the region to lib/regions/aws-regions.ts",
    };
  if (place.politicalRegion !== known.politicalRegion)
    return {
      problem: `${place.region} (${place.name}) is in ${known.politicalRegion}, not in "${place.politicalRegion}"`,
      mend: `write "${known.politicalRegion}" as its political region`,
    };
  if ((place.optIn ?? false) === known.optIn) return undefined;
  return known.optIn
    ? {
        problem: `an account has to ask for ${place.region} (${place.name}) first, and the row doesn't say so`,
        mend: "add optIn: true to the place",
      }
    : {
        problem: `every account has ${place.region} (${place.name}) without asking for it, and the row says otherwise`,
        mend: "remove optIn from the place",
      };
};

const objectionToZone = ({ region, timeZone }: NightlyRow): Objection | undefined => {
  const zones: readonly string[] = AWS_REGIONS[region]?.timeZones ?? [];
  if (zones.includes(timeZone)) return undefined;
  return {
    problem: isZone(timeZone)
      ? `the clocks of ${region} are not those of "${timeZone}"`
      : `"${timeZone}" is no time zone of IANA's database`,
    mend: `write "${zones[0] ?? "the zone of its city"}"`,
  };
};

const isZone = (timeZone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "" && timeZone.includes("/");
  } catch {
    return false;
  }
};

const objectionToReplication = (row: NightlyRow): Objection | undefined => {
  const { region, replication, formerReplicationRegions, firstReplicationRegion } = row;
  if (replication.region === region)
    return { problem: `it replicates to itself, ${region}`, mend: "name another region as its replication region" };
  const former = formerReplicationRegions.map((place) => place.region);
  if (former.includes(region))
    return {
      problem: `${region} stands among its own former replication regions`,
      mend: "remove it from formerReplicationRegions",
    };
  if (former.includes(replication.region))
    return {
      problem: `${replication.region} is its replication region and a former one at once`,
      mend: "remove it from formerReplicationRegions",
    };
  const twice = former.find((code, at) => former.indexOf(code) !== at);
  if (twice !== undefined)
    return { problem: `${twice} stands twice among its former replication regions`, mend: "remove one of them" };
  if (firstReplicationRegion === undefined) return undefined;
  if (AWS_REGIONS[firstReplicationRegion] === undefined || firstReplicationRegion === region)
    return {
      problem: `its replicas can't have begun in "${firstReplicationRegion}"`,
      mend: "write the code of the region that was its first replication region",
    };
  return undefined;
};

/** What holds between a row and those before it. */
const objectionBeside = (row: NightlyRow, before: readonly NightlyRow[]): Objection | undefined => {
  const sameRegion = before.find(({ region }) => region === row.region);
  if (sameRegion !== undefined)
    return {
      problem: `${row.region} has a row already${sameRegion.name === row.name ? "" : `, ${sameRegion.name}`}`,
      mend: "remove one of the two",
    };
  const earlier = before.flatMap(placesOf);
  for (const place of placesOf(row)) {
    const other = [...earlier, ...placesOf(row)].find(
      (one) =>
        (one.region === place.region && one.name !== place.name) ||
        (one.region !== place.region && stackLabel(one.name) === stackLabel(place.name)),
    );
    if (other === undefined) continue;
    return other.region === place.region
      ? {
          problem: `${place.region} is called ${place.name} here and ${other.name} elsewhere`,
          mend: "give it one name",
        }
      : {
          problem: `${place.name} (${place.region}) and ${other.name} (${other.region}) have one name for stacks`,
          mend: "give each a name of its own",
        };
  }
  return undefined;
};
