/**
 * What a snapshot is, in words that mean one thing each: how it came about, who made it, and how long it is kept. Pure.
 */
import { expiryOf } from "../../lambda/rules/retention-calendar";
import type { SnapshotView } from "../api/types";

/** The API's name for whoever makes the nightly ones; no person can have it. */
const AUTOMATIC = "Nightly";
const PERIODS: Readonly<Record<SnapshotView["tier"], string>> = {
  nightly: "2 weeks",
  weekly: "3 months",
  monthly: "1 year",
  "on-demand": "3 months",
  uploaded: "3 months",
};

/** How it came about. */
export const typeName = ({ type, tier }: Pick<SnapshotView, "type" | "tier">): string => {
  if (type === AUTOMATIC) return "Nightly";
  return tier === "uploaded" ? "Uploaded" : "On demand";
};
export const madeBy = ({ type }: Pick<SnapshotView, "type">): string => (type === AUTOMATIC ? "The service" : type);
/** The rule that its expiry follows, unless somebody has kept it longer. */
export const keptFor = (snapshot: Pick<SnapshotView, "tier" | "created_at" | "expires_at">): string => {
  const ruled = expiryOf(snapshot.tier, new Date(snapshot.created_at));
  return Date.parse(snapshot.expires_at) > ruled.getTime() ? "Longer" : PERIODS[snapshot.tier];
};
