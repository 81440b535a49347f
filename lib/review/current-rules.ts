/** The rules as the code has them now: what decides about users' snapshots and stands in no template. Pure. */
import { RETENTION_PERIODS } from "../../lambda/rules/retention-calendar";
import { tierOfNight } from "../../lambda/rules/tier";
import { addDays, dateOf, startOfDate } from "../../lambda/rules/utc-date";
import { NIGHTLY_TABLE, type NightlyRow } from "../regions/nightly-table";
import { RESIDENCY_EXCEPTIONS } from "../regions/residency";
import type { ReviewedRules } from "./deployment";
import { sorted } from "./plain-values";

/** A quarter of nights that begins and ends with a first Sunday of a month. */
export const TIERS_FROM = "2026-11-01";
const TIERS_DAYS = 92;

export const currentRules = (table: readonly NightlyRow[] = NIGHTLY_TABLE): ReviewedRules => ({
  retention: RETENTION_PERIODS,
  tiers: Array.from({ length: TIERS_DAYS }, (_, day) =>
    tierOfNight(dateOf(addDays(startOfDate(TIERS_FROM), day))).slice(0, 1),
  ).join(""),
  politicalRegions: sorted(
    Object.fromEntries(
      table.flatMap((row) => [row, row.replication]).map(({ region, politicalRegion }) => [region, politicalRegion]),
    ),
  ) as Record<string, string>,
  residencyExceptions: RESIDENCY_EXCEPTIONS,
});
