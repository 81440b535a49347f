/** Which dialogue is open over the list, and for which snapshot. */
import type { EnvironmentSummary, SnapshotView } from "../api/types";
import type { DialogAddress, Place, RowAction } from "../app/place";

export type Dialog =
  | Exclude<DialogAddress, { readonly snapshotId: string }>
  | { readonly kind: RowAction; readonly snapshot: SnapshotView };

export interface DialogProps {
  readonly place: Place;
  /** Of the same app. */
  readonly environments: readonly EnvironmentSummary[];
  /** Something has changed: the list is fetched again. */
  readonly onChanged: () => Promise<void>;
  readonly onClose: () => void;
}
export interface SnapshotDialogProps extends DialogProps {
  readonly snapshot: SnapshotView;
}
