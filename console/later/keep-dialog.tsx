/** Keeps a backup longer than it was taken for. */
import Alert from "@cloudscape-design/components/alert";
import DateInput from "@cloudscape-design/components/date-input";
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import { notify } from "../app/notices";
import type { SnapshotDialogProps } from "../backups/dialog";
import { utc } from "../text/format";
import { AskDialog } from "./ask-dialog";

export const KeepDialog = ({ place, snapshot, onChanged, onClose }: SnapshotDialogProps) => {
  const [day, setDay] = useState("");
  const until = `${day}T00:00:00Z`;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(until));
  const isLater = isDay && Date.parse(until) > Date.parse(snapshot.expires_at);
  const keep = async (): Promise<void> => {
    const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}/keep-until`;
    await request("PUT", path, { body: { until } });
    notify(
      "success",
      `The backup of ${utc(snapshot.created_at)} UTC is being locked until ${utc(until)} UTC; the list shows the new date once that is done.`,
    );
    onClose();
    await onChanged();
  };
  return (
    <AskDialog
      title="Keep Backup Longer"
      onClose={onClose}
      action={{ text: "Keep Longer", disabled: !isLater, run: keep }}
    >
      <p>
        The backup of {utc(snapshot.created_at)} UTC ({snapshot.type}) expires on {utc(snapshot.expires_at)} UTC.
      </p>
      <FormField
        label="Keep until"
        constraintText="A day, as YYYY/MM/DD; it is kept until midnight UTC at its beginning, for ten years at most."
        {...(isDay && !isLater ? { errorText: "Choose a day after the present expiry." } : {})}
      >
        <DateInput value={day} onChange={({ detail }) => setDay(detail.value)} placeholder="YYYY/MM/DD" autoFocus />
      </FormField>
      <Alert type="info">
        All of it is locked until that day, in both regions. This can&rsquo;t be taken back: locks can&rsquo;t be
        shortened.
      </Alert>
    </AskDialog>
  );
};
