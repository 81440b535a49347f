/** A drill as it is asked for, by the schedule or by a person. Pure, given the randomness. */
import { isoSeconds } from "../catalog/catalog";
import type { DrillItem } from "../catalog/drills";
import type { Randomness } from "../runtime/collaborators";

export interface DrillWish {
  readonly drillId: string;
  readonly environmentId: string;
  /** Null: a random one is chosen. */
  readonly snapshotId: string | null;
  /** `schedule`, or who asks. */
  readonly requestedBy: string;
}
export const BY_SCHEDULE = "schedule";

export const newDrill = (wish: DrillWish, now: Date): DrillItem => ({
  ...wish,
  snapshotCreatedAt: null,
  state: "queued",
  outcome: null,
  statusMessage: "",
  createdAt: isoSeconds(now),
  startedAt: null,
  finishedAt: null,
  updatedAt: isoSeconds(now),
  executionArn: null,
  leaseToken: null,
  query: null,
  notDrilled: null,
  seconds: { total: null, database: null, tables: null, closure: null, files: null },
  slow: null,
  problems: [],
  problemCount: 0,
  database: null,
  files: { checked: 0, bytes: 0, after: null, startedAt: null, done: false },
  closure: null,
  failure: null,
});

/** In order of time: `drill-20261206T043000Z-1f2e3d4c`. */
export const newDrillId = (now: Date, random: Randomness): string =>
  `drill-${isoSeconds(now).replaceAll(/[-:]/g, "")}-${Buffer.from(random(4)).toString("hex")}`;
