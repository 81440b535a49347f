/** What the gauges keep: one item a region, in the only partition that they may write, by their role. */
export const GAUGES_PK = "GAUGES";

/** Someone has been told which environments' newest backups are too old. */
export interface TooOldTold {
  readonly at: string;
  readonly environmentIds: readonly string[];
}
