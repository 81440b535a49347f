/** Uploads a backup archive; shows how far it has come, and what was begun earlier. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { sentenceOf } from "../../api/client";
import { environmentPath } from "../../api/early";
import type { UploadList, UploadView } from "../../api/types";
import { useStore } from "../../app/store";
import { useAnswer } from "../../app/use-answer";
import type { DialogProps } from "../../backups/dialog";
import { size, utc } from "../../text/format";
import { commentProblem } from "../comment-rule";
import { UploadStatus } from "./upload-status";
import { canResume, discardUpload, forgetUpload, startUpload, uploadProgress } from "./upload-state";

export const UploadDialog = ({ place, onChanged, onClose }: DialogProps) => {
  const progress = useStore(uploadProgress);
  const uploads = useAnswer<UploadList>(`${environmentPath(place)}/uploads`);
  const [files, setFiles] = useState<File[]>([]);
  const [comment, setComment] = useState("");
  const [failure, setFailure] = useState<string>();
  const [starting, setStarting] = useState(false);
  const [idempotencyKey, renewKey] = useState(() => crypto.randomUUID());
  const [file] = files;
  const open = (uploads.value?.uploads ?? []).filter(({ state }) => state === "open");
  const earlier = file === undefined ? undefined : open.find((one) => canResume(one, file));
  const problem = commentProblem(comment);
  const idle = progress.phase === "idle";

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setFailure(undefined);
    setStarting(true);
    try {
      await work();
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setStarting(false);
    }
  };
  const start = (): Promise<void> =>
    attempt(async () => {
      if (file === undefined) return;
      await startUpload({ place, file, comment, open: earlier, idempotencyKey, onChanged });
      setFiles([]);
      renewKey(crypto.randomUUID());
    });
  const close = (): void => {
    if (progress.phase === "completed" || progress.phase === "failed") forgetUpload();
    onClose();
  };
  return (
    <Modal
      visible
      header="Upload Backup"
      closeAriaLabel="Close the dialogue"
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Close
            </Button>
            {idle ? (
              <Button
                variant="primary"
                loading={starting}
                loadingText="Under way"
                disabled={file === undefined || problem !== undefined}
                onClick={() => void start()}
              >
                {earlier === undefined ? "Upload" : "Resume the upload"}
              </Button>
            ) : null}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {failure === undefined ? null : <Alert type="error">{failure}</Alert>}
        {idle ? (
          <SpaceBetween size="m">
            <p>
              A full snapshot or a database: an archive that was downloaded here, or a dump made with{" "}
              <code>pg_dump -O -x -Fc</code>. It is checked, becomes a backup in the list, and is kept for three months.
            </p>
            <FormField label="Backup archive">
              <FileUpload
                value={files}
                onChange={({ detail }) => setFiles(detail.value)}
                showFileSize
                showFileLastModified
                accept=".gz,.tgz,.tar.gz,.backup,.dump"
                i18nStrings={{
                  uploadButtonText: () => "Choose a file",
                  dropzoneText: () => "Drop the file here",
                  removeFileAriaLabel: () => "Remove the file",
                  limitShowFewer: "Show fewer",
                  limitShowMore: "Show more",
                  errorIconAriaLabel: "Error",
                }}
              />
            </FormField>
            {earlier === undefined ? (
              <FormField label="Comment (optional)" {...(problem === undefined ? {} : { errorText: problem })}>
                <Textarea value={comment} onChange={({ detail }) => setComment(detail.value)} />
              </FormField>
            ) : (
              <Alert type="info">
                The upload of this file began on {utc(earlier.created_at)} UTC: only the missing parts are sent.
              </Alert>
            )}
            <OpenUploads
              uploads={open.filter((one) => one !== earlier)}
              onDiscard={(one) =>
                void attempt(async () => {
                  await discardUpload(place, one.upload_id);
                  await uploads.reload();
                })
              }
            />
          </SpaceBetween>
        ) : (
          <UploadStatus progress={progress} />
        )}
      </SpaceBetween>
    </Modal>
  );
};

interface OpenUploadsProps {
  readonly uploads: readonly UploadView[];
  readonly onDiscard: (upload: UploadView) => void;
}
const OpenUploads = ({ uploads, onDiscard }: OpenUploadsProps) =>
  uploads.length === 0 ? null : (
    <Alert type="info" header="Begun and not finished">
      <p>To go on, choose the same file again. What is left after a day is removed.</p>
      <ul>
        {uploads.map((one) => (
          <li key={one.upload_id}>
            {one.file_name} ({size(one.size)}), begun on {utc(one.created_at)} UTC{" "}
            <Button
              variant="inline-link"
              ariaLabel={`Discard the upload of ${one.file_name}`}
              onClick={() => onDiscard(one)}
            >
              Discard
            </Button>
          </li>
        ))}
      </ul>
    </Alert>
  );
