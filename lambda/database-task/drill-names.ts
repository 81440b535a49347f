/**
 * Names of the databases of drills. They begin with a mark of the service's own region, so that services that share a
 * server leave each other's alone, and what a crashed drill left is found by name.
 */
import { createHash } from "node:crypto";

/** `primaryBucket` has a name that is nobody else's in the world. */
export const drillDatabasePrefix = (primaryBucket: string): string => `drill_${short(primaryBucket, 8)}_`;
export const drillDatabase = (primaryBucket: string, drillId: string): string =>
  drillDatabasePrefix(primaryBucket) + short(drillId, 12);

const short = (text: string, digits: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, digits);
