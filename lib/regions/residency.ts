/**
 * Rule 8: a replica stays in the primary's political region. The exceptions are those that the users' documents
 * name, and no others: seven regions of the backups page without a second region of their own, and London, whose
 * data is backed up elsewhere in Europe by an older page. Nothing leads from the EU or the US to anywhere else.
 */
import { ConfigurationError } from "../config/configuration-error";
import type { NightlyRow, Place } from "./nightly-table";

export const RESIDENCY_EXCEPTIONS = [
  "Bahrain→Mumbai",
  "Cape Town→Frankfurt",
  "Jakarta→Singapore",
  "São Paulo→N. Virginia",
  "Seoul→Singapore",
  "Singapore→Sydney",
  "UAE→Mumbai",
  "London→Frankfurt",
] as const;
export type ResidencyException = (typeof RESIDENCY_EXCEPTIONS)[number];

const isException = (way: string): boolean => (RESIDENCY_EXCEPTIONS as readonly string[]).includes(way);

/**
 * Throws on the first row whose replica leaves the political region without its own named exception, and on a former
 * replica that was never allowed.
 */
export const checkResidency = (rows: readonly NightlyRow[]): void => {
  for (const row of rows) {
    const wayTo = (place: Place): string => `${row.name}→${place.name}`;
    const outside = (place: Place): boolean => row.politicalRegion !== place.politicalRegion;
    const isRefused = outside(row.replication) && row.residencyException !== wayTo(row.replication);
    const refused = [
      ...(isRefused || (outside(row.replication) && !isException(wayTo(row.replication))) ? [row.replication] : []),
      ...row.formerReplicationRegions.filter((former) => outside(former) && !isException(wayTo(former))),
    ][0];
    if (refused === undefined) continue;
    throw new ConfigurationError(
      "lib/regions/nightly-table.ts",
      row.name,
      `its replica in ${refused.name} (${refused.politicalRegion}) would leave ${row.politicalRegion}`,
      `choose a replication region in ${row.politicalRegion}; only these exceptions are allowed: ${RESIDENCY_EXCEPTIONS.join(", ")}`,
    );
  }
};
