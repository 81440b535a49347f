/** The item of a region's places: who holds some for long functions of backups, and who waits, in order of arrival. */
export interface Places {
  /** Counts the writes; 0 before the first. */
  readonly version: number;
  readonly entries: readonly PlaceEntry[];
}
export interface PlaceEntry {
  readonly executionArn: string;
  readonly since: string;
  /** 0 while it waits. */
  readonly places: number;
}
