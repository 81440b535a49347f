/** How far the page's upload has come, with its buttons. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { size } from "../../text/format";
import { forgetUpload, pauseUpload, resumeUpload, type UploadProgress } from "./upload-state";

export const UploadStatus = ({ progress }: { readonly progress: UploadProgress }) => {
  const { phase, fileName, sent, message } = progress;
  const percent = progress.size === 0 ? 100 : Math.floor((100 * sent) / progress.size);
  return (
    <SpaceBetween size="m">
      <ProgressBar
        value={percent}
        label={`Upload of ${fileName}`}
        additionalInfo={`${size(sent)} of ${size(progress.size)}`}
        {...(phase === "failed" ? { status: "error", resultText: "The upload failed" } : {})}
        {...(phase === "completed" ? { status: "success", resultText: "Uploaded and checked" } : {})}
      />
      {phase === "sending" ? (
        <SpaceBetween size="s">
          <p>You may close this dialogue: the upload goes on while the page is open.</p>
          <Button onClick={pauseUpload}>Pause</Button>
        </SpaceBetween>
      ) : null}
      {phase === "paused" ? (
        <SpaceBetween size="s">
          {message === "" ? null : <Alert type="error">{message}</Alert>}
          <StatusIndicator type="stopped">Paused</StatusIndicator>
          <Button onClick={resumeUpload}>Resume</Button>
        </SpaceBetween>
      ) : null}
      {phase === "checking" ? (
        <StatusIndicator type="in-progress">
          All of it has arrived and is being checked. You may close this.
        </StatusIndicator>
      ) : null}
      {phase === "failed" ? <Alert type="error">{message}</Alert> : null}
      {phase === "completed" ? <Alert type="success">{message}</Alert> : null}
      {phase === "failed" || phase === "completed" ? <Button onClick={forgetUpload}>Upload another</Button> : null}
    </SpaceBetween>
  );
};
