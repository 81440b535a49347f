/** A backup's details; its comment can be changed here. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import { useAnswer } from "../app/use-answer";
import { notify } from "../app/notices";
import type { SnapshotDialogProps } from "../backups/dialog";
import { badgeOf, StateBadge } from "../backups/state-badge";
import type { SnapshotView, UploadList, UploadView } from "../api/types";
import { dialogHash } from "../app/place";
import { count, megabytes, NOTHING, size, tierName, utc } from "../text/format";
import { keptFor, madeBy, typeName } from "../text/snapshot-words";
import { AskDialog } from "./ask-dialog";
import { CopyId, CopyLink } from "./copy-text";
import { FindingList } from "./finding-list";
import { FirstTextarea } from "./first-textarea";
import { COMMENT_LIMIT, commentProblem } from "./comment-rule";

export const DetailsDialog = ({ place, snapshot, onChanged, onClose }: SnapshotDialogProps) => {
  const [comment, setComment] = useState(snapshot.comment);
  const [editing, setEditing] = useState(false);
  const uploads = useAnswer<UploadList>(snapshot.tier === "uploaded" ? `${environmentPath(place)}/uploads` : undefined);
  const upload = uploads.value?.uploads.find(({ snapshot_id }) => snapshot_id === snapshot.snapshot_id);
  const problem = commentProblem(comment);
  const save = async (): Promise<void> => {
    await request("PUT", `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}`, {
      body: { comment },
    });
    notify("success", "The comment has been changed.");
    await onChanged();
    onClose();
  };
  return (
    <AskDialog
      title="Backup Details"
      size="large"
      onClose={onClose}
      unsaved={editing && comment !== snapshot.comment}
      {...(editing ? { action: { text: "Save the comment", blocked: problem, run: save } } : {})}
    >
      {snapshot.warnings.length === 0 ? null : (
        <Alert type="warning" header="What this backup can't keep, or a restore of it will meet">
          <FindingList findings={snapshot.warnings} />
        </Alert>
      )}
      <KeyValuePairs columns={3} items={[...detailsOf(snapshot), ...fileOf(upload)]} />
      <CopyLink hash={dialogHash(place, { kind: "details", snapshotId: snapshot.snapshot_id })} />
      {editing ? (
        <FormField
          label="Comment"
          constraintText={`At most ${COMMENT_LIMIT} characters.`}
          {...(problem === undefined ? {} : { errorText: problem })}
        >
          <FirstTextarea value={comment} onChange={({ detail }) => setComment(detail.value)} />
        </FormField>
      ) : (
        <SpaceBetween size="xs">
          <KeyValuePairs
            items={[{ label: "Comment", value: <span className="long">{snapshot.comment || NOTHING}</span> }]}
          />
          <Button onClick={() => setEditing(true)}>Change the comment</Button>
        </SpaceBetween>
      )}
    </AskDialog>
  );
};

const detailsOf = (snapshot: SnapshotView) => [
  { label: "Status", value: <StateBadge {...badgeOf(snapshot)} /> },
  { label: "Type", value: typeName(snapshot) },
  { label: "Made by", value: <span className="long">{madeBy(snapshot)}</span> },
  { label: "Snapshot id", value: <CopyId id={snapshot.snapshot_id} what="snapshot id" /> },
  { label: "Created on", value: `${utc(snapshot.created_at)} UTC` },
  { label: "Expires on", value: `${utc(snapshot.expires_at)} UTC` },
  { label: "Model version", value: <span className="long">{snapshot.model_version || NOTHING}</span> },
  { label: "Snapshot Size Uncompressed (MB)", value: megabytes(snapshot.size) },
  { label: "Kept for", value: `${keptFor(snapshot)} (${tierName(snapshot.tier).toLowerCase()})` },
  { label: "Files", value: snapshot.file_count === null ? NOTHING : filesOf(snapshot) },
  { label: "Replication", value: replicationOf(snapshot) },
  // The sentences of a completed one are its warnings.
  ...(snapshot.status_message === null || snapshot.warnings.length > 0
    ? []
    : [{ label: "Status message", value: snapshot.status_message }]),
];

/** Uploads are listed for a day; the comment, which begins as the file's name, stays. */
const fileOf = (upload: UploadView | undefined) =>
  upload === undefined ? [] : [{ label: "Uploaded file", value: `${upload.file_name} (${size(upload.size)})` }];
const filesOf = ({ file_count, missing_count }: SnapshotView): string => {
  const missing = missing_count ?? 0;
  return `${count(file_count ?? 0)}${missing === 0 ? "" : `, and ${count(missing)} that storage did not have`}`;
};
const replicationOf = ({ replicated_at, replication_message, state }: SnapshotView): string => {
  if (replicated_at !== null) return `Proven in the other region on ${utc(replicated_at)} UTC`;
  if (replication_message !== null) return replication_message;
  return state === "completed" ? "Not yet proven in another region" : NOTHING;
};
