/**
 * Into which region a snapshot may be restored: a restore stays within its region. A recovery is the one exception: it
 * brings the snapshots of the region that it recovers into its own, where their replicas are. Pure.
 */
export interface Recovery {
  /** Where it runs. */
  readonly region: string;
  /** The region whose snapshots it restores; absent where nothing is lost. */
  readonly recovered?: string | undefined;
}

export const mayRestoreInto = (
  { region, recovered }: Recovery,
  { snapshotRegion, targetRegion }: { readonly snapshotRegion: string; readonly targetRegion: string },
): boolean =>
  targetRegion === snapshotRegion ||
  (recovered !== undefined && snapshotRegion === recovered && targetRegion === region);

/** Of a deployment, as its settings say. */
export const recoveryOf = (settings: {
  readonly REGION: string;
  readonly RECOVERED_REGION?: string | undefined;
}): Recovery => ({ region: settings.REGION, recovered: settings.RECOVERED_REGION });
