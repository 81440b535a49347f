/** Asks for a backup, with a comment. */
import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import type { SnapshotView } from "../api/types";
import { followWork } from "../app/follow-work";
import { dialogHash } from "../app/place";
import type { DialogProps } from "../backups/dialog";
import { AskDialog } from "./ask-dialog";
import { COMMENT_LIMIT, commentProblem } from "./comment-rule";
import { FirstTextarea } from "./first-textarea";

export const CreateDialog = ({ place, onChanged, onClose }: DialogProps) => {
  const [comment, setComment] = useState("");
  // The same for every try, so that a lost answer doesn't make two backups.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const problem = commentProblem(comment);
  const create = async (): Promise<void> => {
    const path = `${environmentPath(place)}/snapshots`;
    const first = await request<SnapshotView>("POST", path, { body: { comment }, idempotencyKey });
    const id = first.snapshot_id;
    const what = `The backup of ${place.environmentId}`;
    void followWork<SnapshotView>({
      id,
      first,
      path: `${path}/${encodeURIComponent(id)}`,
      what,
      running: "is being taken",
      completed: () => `${what} is complete and can be restored.`,
      link: { hash: dialogHash(place, { kind: "details", snapshotId: id }), text: "Show it" },
    });
    await onChanged();
    onClose();
  };
  return (
    <AskDialog
      title="Create Backup"
      onClose={onClose}
      unsaved={comment !== ""}
      action={{ text: "Create Backup", blocked: problem, run: create }}
    >
      <p>A snapshot of the database and its files, kept for three months. The app goes on running.</p>
      <FormField
        label="Comment (optional)"
        constraintText={`At most ${COMMENT_LIMIT} characters.`}
        {...(problem === undefined ? {} : { errorText: problem })}
      >
        <FirstTextarea value={comment} onChange={({ detail }) => setComment(detail.value)} />
      </FormField>
    </AskDialog>
  );
};
