/** Keeps a backup longer than it was taken for, once it has been said what that means. */
import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import { useState } from "react";
import { request } from "../../api/client";
import { environmentPath } from "../../api/early";
import type { EnvironmentView, RegionList } from "../../api/types";
import { serviceNow } from "../../app/clock";
import { notify } from "../../app/notices";
import { useAnswer } from "../../app/use-answer";
import type { SnapshotDialogProps } from "../../backups/dialog";
import { followKeep } from "../../backups/pending-expiry";
import { utc } from "../../text/format";
import { AskDialog } from "../ask-dialog";
import { DayField } from "./day-field";
import { keepDay } from "./keep-day";
import { costSentence } from "./storage-cost";

export const KeepDialog = ({ place, snapshot, onChanged, onClose }: SnapshotDialogProps) => {
  const [text, setText] = useState("");
  /** The end that was agreed to: of another day it is not. */
  const [agreed, setAgreed] = useState<string>();
  const environment = useAnswer<EnvironmentView>(environmentPath(place));
  const regions = useAnswer<RegionList>("regions");
  const region = regions.value?.regions.find((one) => one.region === environment.value?.region);
  const limits = { expiresAt: snapshot.expires_at, now: serviceNow() ?? new Date() };
  const { until, problem } = keepDay(text, limits);
  const keep = async (): Promise<void> => {
    if (until === undefined) return;
    const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}/keep-until`;
    await request("PUT", path, { body: { until } });
    notify(
      "info",
      `The backup of ${utc(snapshot.created_at)} UTC is being locked until ${utc(until)} UTC; the list shows the new date as pending until that is done.`,
    );
    void followKeep({ place, snapshot, until, onChanged });
    await onChanged();
    onClose();
  };
  return (
    <AskDialog
      title="Keep Backup Longer"
      onClose={onClose}
      action={{
        text: "Keep Longer",
        blocked: problem ?? (agreed === until ? undefined : "Confirm below the day that it is to be locked."),
        run: keep,
      }}
    >
      <p>
        The backup of {utc(snapshot.created_at)} UTC ({snapshot.type}) expires on {utc(snapshot.expires_at)} UTC.
      </p>
      <DayField
        label="Keep until"
        first={snapshot.expires_at.slice(0, 10)}
        constraint="A day, as YYYY-MM-DD; it is kept to the end of that day, 23:59:59 UTC, for ten years at most."
        value={text}
        problem={problem}
        objectionTo={(day) => keepDay(day, limits).problem}
        onChange={setText}
      />
      {until === undefined ? null : (
        <>
          <Alert type="warning" header={`Locked until ${utc(until)} UTC`}>
            <ul>
              <li>Until then nobody can delete it, administrators included.</li>
              <li>The date can only be moved later: nobody can shorten it or take it back.</li>
              <li>{costSentence(snapshot, region)}</li>
              <li>The list goes on showing the present expiry until all of it is locked.</li>
            </ul>
          </Alert>
          <Checkbox checked={agreed === until} onChange={({ detail }) => setAgreed(detail.checked ? until : undefined)}>
            Lock this backup until {utc(until)} UTC
          </Checkbox>
        </>
      )}
    </AskDialog>
  );
};
