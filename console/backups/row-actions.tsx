/** A snapshot's More Options. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { Role, SnapshotView } from "../api/types";
import type { RowAction } from "../app/place";
import { utc } from "../text/format";

interface RowActionsProps {
  readonly snapshot: SnapshotView;
  readonly roles: readonly Role[] | undefined;
  readonly onAction: (action: RowAction, snapshot: SnapshotView) => void;
}

/** What each needs: the role, and whether the backup has to be completed. */
const NEEDS: Readonly<Record<Exclude<RowAction, "details">, { readonly role: Role; readonly completed: boolean }>> = {
  download: { role: "restore", completed: true },
  contents: { role: "restore", completed: true },
  restore: { role: "restore", completed: true },
  keep: { role: "administer", completed: true },
  delete: { role: "administer", completed: false },
};
export const ROLES_UNKNOWN = "The service has not told your roles on this app yet.";

/** Why that can't be done with this backup; undefined where it can, as far as the page knows. */
export const obstacleTo = (
  action: RowAction,
  { state }: SnapshotView,
  roles: readonly Role[] | undefined,
): string | undefined => {
  if (action === "details") return undefined;
  const { role, completed } = NEEDS[action];
  if (roles === undefined) return ROLES_UNKNOWN;
  if (!roles.includes(role)) return "Your role on this app does not allow it.";
  return completed && state !== "completed" ? "Only a completed backup has something to give." : undefined;
};

export const RowActions = ({ snapshot, roles, onAction }: RowActionsProps) => {
  const item = (id: RowAction, text: string) => {
    const disabledReason = obstacleTo(id, snapshot, roles);
    return { id, text, ...(disabledReason === undefined ? {} : { disabled: true, disabledReason }) };
  };
  return (
    <span data-snapshot={snapshot.snapshot_id}>
      <ButtonDropdown
        variant="inline-icon"
        expandToViewport
        ariaLabel={`More options for the backup of ${utc(snapshot.created_at)}`}
        items={[
          item("details", "Details"),
          item("download", "Download"),
          item("contents", "Files and Tables"),
          item("restore", "Restore"),
          item("keep", "Keep Longer"),
          item("delete", "Delete"),
        ]}
        onItemClick={({ detail }) => onAction(detail.id as RowAction, snapshot)}
      />
    </span>
  );
};
