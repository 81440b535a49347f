/** Deletes a backup before its time, once that has been confirmed. */
import Checkbox from "@cloudscape-design/components/checkbox";
import { useState } from "react";
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import { notify } from "../app/notices";
import type { SnapshotDialogProps } from "../backups/dialog";
import { utc } from "../text/format";
import { AskDialog } from "./ask-dialog";

export const DeleteDialog = ({ place, snapshot, onChanged, onClose }: SnapshotDialogProps) => {
  const [sure, setSure] = useState(false);
  const remove = async (): Promise<void> => {
    await request("DELETE", `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}`);
    notify("success", `The backup of ${utc(snapshot.created_at)} UTC has been deleted.`);
    // The row goes first, so that the keyboard doesn't come back to a button that is about to go.
    await onChanged();
    onClose();
  };
  return (
    <AskDialog
      title="Delete Backup"
      onClose={onClose}
      action={{ text: "Delete", blocked: sure ? undefined : "Tick the box first.", run: remove }}
    >
      <p>
        The backup of {utc(snapshot.created_at)} UTC ({snapshot.type}) would be kept until {utc(snapshot.expires_at)}{" "}
        UTC. Deleting it removes it in both regions and can&rsquo;t be undone.
      </p>
      <Checkbox checked={sure} onChange={({ detail }) => setSure(detail.checked)}>
        Delete this backup now
      </Checkbox>
    </AskDialog>
  );
};
