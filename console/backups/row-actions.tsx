/** A snapshot's More Options. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { Role, SnapshotView } from "../api/types";
import { utc } from "../text/format";

export type RowAction = "details" | "download" | "contents" | "restore" | "keep" | "delete";

interface RowActionsProps {
  readonly snapshot: SnapshotView;
  readonly roles: readonly Role[];
  readonly onAction: (action: RowAction, snapshot: SnapshotView) => void;
}

export const RowActions = ({ snapshot, roles, onAction }: RowActionsProps) => {
  const needs = (role: Role, completed: boolean) => {
    if (!roles.includes(role)) return { disabled: true, disabledReason: "Your role on this app does not allow it." };
    if (!completed || snapshot.state === "completed") return {};
    return { disabled: true, disabledReason: "Only a completed backup has something to give." };
  };
  return (
    <span data-snapshot={snapshot.snapshot_id}>
      <ButtonDropdown
        variant="inline-icon"
        expandToViewport
        ariaLabel={`More options for the backup of ${utc(snapshot.created_at)}`}
        items={[
          { id: "details", text: "Details" },
          { id: "download", text: "Download", ...needs("restore", true) },
          { id: "contents", text: "Files and Tables", ...needs("restore", true) },
          { id: "restore", text: "Restore", ...needs("restore", true) },
          { id: "keep", text: "Keep Longer", ...needs("administer", true) },
          { id: "delete", text: "Delete", ...needs("administer", false) },
        ]}
        onItemClick={({ detail }) => onAction(detail.id as RowAction, snapshot)}
      />
    </span>
  );
};
