/** How far the page's upload has come, with its buttons. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { size } from "../../text/format";
import { FocusedSection } from "../focused-section";
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
        <FocusedSection key="sending" label="The upload">
          <SpaceBetween size="s">
            <p>You may close this dialogue: the upload goes on while the page is open.</p>
            <Button onClick={pauseUpload}>Pause</Button>
          </SpaceBetween>
        </FocusedSection>
      ) : null}
      {phase === "paused" ? (
        <FocusedSection key="paused" label="The upload">
          <SpaceBetween size="s">
            {message === "" ? null : <Alert type="error">{message}</Alert>}
            <StatusIndicator type="stopped">Paused</StatusIndicator>
            <Button onClick={resumeUpload}>Resume</Button>
          </SpaceBetween>
        </FocusedSection>
      ) : null}
      {phase === "checking" ? (
        <FocusedSection key="checking" label="The upload">
          <StatusIndicator type="in-progress">
            All of {fileName} has arrived and is being checked. You may close this.
          </StatusIndicator>
        </FocusedSection>
      ) : null}
      {phase === "failed" || phase === "completed" ? (
        <FocusedSection key="ended" label="Result">
          <SpaceBetween size="s">
            <Alert type={phase === "failed" ? "error" : "success"} header={fileName}>
              {message}
            </Alert>
            <Button onClick={forgetUpload}>Upload another</Button>
          </SpaceBetween>
        </FocusedSection>
      ) : null}
    </SpaceBetween>
  );
};
