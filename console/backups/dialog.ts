/** Which dialogue is open over the list, and for which snapshot. */
import type { EnvironmentSummary, SnapshotView } from "../api/types";
import type { Place } from "../app/place";
import type { RowAction } from "./row-actions";

export type Dialog =
  | { readonly kind: "create" | "upload" }
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
