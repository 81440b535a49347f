/** Uploads a backup archive: examines it first, shows how far it has come, and what was begun earlier. */
import Alert from "@cloudscape-design/components/alert";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { sentenceOf } from "../../api/client";
import { environmentPath } from "../../api/early";
import type { UploadList } from "../../api/types";
import { useStore } from "../../app/store";
import { useAnswer } from "../../app/use-answer";
import type { DialogProps } from "../../backups/dialog";
import { size, utc } from "../../text/format";
import { AskDialog } from "../ask-dialog";
import { COMMENT_LIMIT, commentProblem } from "../comment-rule";
import { OpenUploads } from "./open-uploads";
import { UploadStatus } from "./upload-status";
import { canResume, discardUpload, forgetUpload, startUpload, uploadProgress } from "./upload-state";
import { type Examined, useExamined } from "./use-examined";

export const UploadDialog = ({ place, onChanged, onClose }: DialogProps) => {
  const progress = useStore(uploadProgress);
  const uploads = useAnswer<UploadList>(`${environmentPath(place)}/uploads`);
  const [files, setFiles] = useState<File[]>([]);
  /** Undefined until somebody has written one: the file's name then, so that the backup tells where it is from. */
  const [written, setWritten] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const [idempotencyKey, renewKey] = useState(() => crypto.randomUUID());
  const [file] = files;
  const examined = useExamined(file);
  const comment = written ?? file?.name ?? "";
  const open = (uploads.value?.uploads ?? []).filter(({ state }) => state === "open");
  const earlier = file === undefined ? undefined : open.find((one) => canResume(one, file));
  const problem = commentProblem(comment);
  const idle = progress.phase === "idle";

  const start = async (): Promise<void> => {
    if (file === undefined) return;
    setFailure(undefined);
    await startUpload({ place, file, comment, open: earlier, idempotencyKey, onChanged });
    setFiles([]);
    setWritten(undefined);
    renewKey(crypto.randomUUID());
  };
  const discard = async (uploadId: string): Promise<void> => {
    setFailure(undefined);
    try {
      await discardUpload(place, uploadId);
      await uploads.reload();
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  const close = (): void => {
    if (progress.phase === "completed" || progress.phase === "failed") forgetUpload();
    onClose();
  };
  return (
    <AskDialog
      title="Upload Backup"
      onClose={close}
      closeText="Close"
      unsaved={idle && written !== undefined && written !== ""}
      {...(idle
        ? {
            action: {
              text: earlier === undefined ? "Upload" : "Resume the upload",
              blocked: obstacleOf(examined) ?? problem,
              run: start,
            },
          }
        : {})}
    >
      {failure === undefined ? null : <Alert type="error">{failure}</Alert>}
      {idle ? (
        <SpaceBetween size="m">
          <p>
            A full snapshot or a database: an archive that was downloaded here, or a dump made with{" "}
            <code>pg_dump -O -x -Fc</code>. It is examined, becomes a backup in the list, and is kept for three months.
          </p>
          <FormField label="Backup archive" constraintText="A .tar.gz archive or a .backup dump in custom format.">
            <FileUpload
              value={files}
              onChange={({ detail }) => setFiles(detail.value)}
              showFileSize
              showFileLastModified
              accept=".gz,.tgz,.tar.gz,.backup,.dump"
              {...(examined.problem === undefined ? {} : { fileErrors: [examined.problem] })}
              i18nStrings={{
                uploadButtonText: () => "Choose a file",
                dropzoneText: () => "Drop the file here",
                removeFileAriaLabel: () => `Remove the file ${file?.name ?? ""}`,
                limitShowFewer: "Show fewer",
                limitShowMore: "Show more",
                errorIconAriaLabel: "Error",
              }}
            />
          </FormField>
          <div role="status">{file === undefined ? null : <ExaminedStatus file={file} examined={examined} />}</div>
          {earlier === undefined ? (
            <FormField
              label="Comment (optional)"
              constraintText={`At most ${COMMENT_LIMIT} characters; the file's name if you write nothing.`}
              {...(problem === undefined ? {} : { errorText: problem })}
            >
              <Textarea value={comment} onChange={({ detail }) => setWritten(detail.value)} />
            </FormField>
          ) : (
            <Alert type="info">
              The upload of {earlier.file_name} began on {utc(earlier.created_at)} UTC: only the missing parts are sent.
            </Alert>
          )}
          <OpenUploads
            uploads={open.filter((one) => one !== earlier)}
            onDiscard={({ upload_id }) => void discard(upload_id)}
          />
        </SpaceBetween>
      ) : (
        <UploadStatus progress={progress} />
      )}
    </AskDialog>
  );
};

/** Why the upload can't begin; undefined when it can. */
const obstacleOf = ({ state, problem }: Examined): string | undefined => {
  if (state === "none") return "Choose a file first.";
  return state === "examining" ? "The file is being examined." : problem;
};

const ExaminedStatus = ({ file, examined: { state } }: { readonly file: File; readonly examined: Examined }) => {
  const name = `${file.name} (${size(file.size)})`;
  if (state === "examining") return <StatusIndicator type="in-progress">{name} is being examined.</StatusIndicator>;
  return state === "good" ? (
    <StatusIndicator type="success">{name} looks like a backup.</StatusIndicator>
  ) : (
    <StatusIndicator type="error">{name} can&rsquo;t be uploaded.</StatusIndicator>
  );
};
