/** Prepares a download: what of the backup, how large and how long, then progress, then the link. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import RadioGroup from "@cloudscape-design/components/radio-group";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { sentenceOf } from "../api/client";
import { environmentPath } from "../api/early";
import type { ArchiveEstimate, ArchiveView } from "../api/types";
import { useAnswer } from "../app/use-answer";
import type { SnapshotDialogProps } from "../backups/dialog";
import { duration, size, utc } from "../text/format";
import { AskDialog } from "./ask-dialog";
import { FocusedSection } from "./focused-section";
import { useDownload, type WholeType } from "./use-download";

const DATA_TYPES: Readonly<Record<WholeType, string>> = {
  files_and_database: "Full Snapshot",
  database_only: "Database Only",
  files_only: "Files Only",
};

export const DownloadDialog = ({ place, snapshot, onClose }: SnapshotDialogProps) => {
  const [dataType, setDataType] = useState<WholeType>(
    snapshot.database_backup === "recovery-point" ? "files_only" : "files_and_database",
  );
  const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}`;
  const estimate = useAnswer<ArchiveEstimate>(`${path}/archives/estimate`, { data_type: dataType });
  // That of another choice is no answer to this one.
  const estimated = estimate.value?.data_type === dataType ? estimate.value : undefined;
  const archive = useDownload({ place, snapshot }, "download");
  return (
    <AskDialog
      title="Download Backup"
      onClose={onClose}
      {...(archive.value === undefined
        ? {
            action: {
              text: "Prepare the download",
              blocked: estimated === undefined ? waitingFor(estimate.error) : undefined,
              run: () => archive.prepare({ data_type: dataType }),
            },
          }
        : { closeText: "Close" })}
    >
      {archive.value === undefined ? (
        <>
          <FormField label={`What of the backup of ${utc(snapshot.created_at)} UTC`} stretch>
            <RadioGroup
              value={dataType}
              onChange={({ detail }) => setDataType(detail.value as WholeType)}
              items={Object.entries(DATA_TYPES).map(([value, label]) => ({ value, label }))}
            />
          </FormField>
          <p role="status">{estimateText(estimated, estimate.error)}</p>
        </>
      ) : (
        <Progress archive={archive.value} error={archive.error} onAgain={archive.startAgain} />
      )}
    </AskDialog>
  );
};

/** Why there is nothing to download, where there isn't and won't be. */
const endOf = ({ state, status_message, link }: ArchiveView): string | undefined => {
  if (state === "failed") return status_message ?? "The download could not be prepared.";
  return state === "completed" && link === null
    ? "The link to this download has expired: prepare it again."
    : undefined;
};

const waitingFor = (error: unknown): string =>
  error === undefined ? "Its size is still being worked out." : sentenceOf(error);
const estimateText = (estimate: ArchiveEstimate | undefined, error: unknown): string => {
  if (error !== undefined) return sentenceOf(error);
  if (estimate === undefined) return "Working out its size…";
  return `About ${size(estimate.size ?? 0)}, ready in ${duration(estimate.estimated_seconds)}.`;
};

interface ProgressProps {
  readonly archive: ArchiveView;
  readonly error: unknown;
  readonly onAgain: () => void;
}
export const Progress = ({ archive, error, onAgain }: ProgressProps) => {
  const ended = endOf(archive);
  if (ended !== undefined) {
    return (
      <FocusedSection key="ended" label="No download">
        <SpaceBetween size="s">
          <Alert type="error">{ended}</Alert>
          <Button onClick={onAgain}>Start again</Button>
        </SpaceBetween>
      </FocusedSection>
    );
  }
  if (archive.state === "completed" && archive.link !== null) {
    return (
      <FocusedSection key="ready" label="The download">
        <Alert type="success" header="The download is ready">
          <SpaceBetween size="s">
            <span>
              {archive.size === null ? "" : `${size(archive.size)}. `}The link works until{" "}
              {utc(archive.link_expires_at)} UTC, for whoever has it.
            </span>
            <Button href={archive.link} download iconName="download" variant="primary">
              Download
            </Button>
          </SpaceBetween>
        </Alert>
      </FocusedSection>
    );
  }
  const percent = archive.size ? Math.floor((100 * archive.bytes_done) / archive.size) : 0;
  return (
    <FocusedSection key="preparing" label="Progress">
      <SpaceBetween size="s">
        <ProgressBar
          value={percent}
          label={`Preparing: ${archive.key ?? archive.table ?? DATA_TYPES[archive.data_type as WholeType]}`}
          additionalInfo={
            archive.state === "queued" ? "It starts in a moment." : `Ready in ${duration(archive.estimated_seconds)}.`
          }
        />
        {error === undefined ? null : <Alert type="warning">{sentenceOf(error)}</Alert>}
        <p>You may close this: the file is prepared all the same, and asking for it again finds it.</p>
      </SpaceBetween>
    </FocusedSection>
  );
};
