/** How far a restore has come, and what it came to. */
import Alert from "@cloudscape-design/components/alert";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { sentenceOf } from "../../api/client";
import type { RestoreView } from "../../api/types";
import { FindingList } from "../finding-list";
import { FocusedSection } from "../focused-section";
import { isHeld } from "../use-follow";
import { count } from "../../text/format";

/** What a completed restore could not put back as it was. */
const Notes = ({ restore: { notes } }: { readonly restore: RestoreView }) =>
  notes.length === 0 ? null : (
    <Alert type="warning" header="Not put back as it was">
      <FindingList findings={notes} />
    </Alert>
  );

interface RestoreProgressProps {
  readonly restore: RestoreView;
  readonly targetName: string;
  readonly error: unknown;
}

export const RestoreProgress = ({ restore, targetName, error }: RestoreProgressProps) => {
  const { state, files, progress, db_only: databaseOnly } = restore;
  if (state === "failed") {
    return (
      <FocusedSection key="failed" label="Result">
        <Alert type="error" header={`The restore into ${targetName} failed`}>
          {restore.status_message ?? "The service gave no reason."}
        </Alert>
      </FocusedSection>
    );
  }
  if (isHeld(restore)) {
    return (
      <FocusedSection key="held" label="Result">
        <Alert type="warning" header={`Nothing was changed in ${targetName}`}>
          The restore has not begun: since the plan was made, something else has come up to read and accept. Close this,
          and plan the restore again.
          <FindingList
            findings={(restore.plan?.warnings ?? []).filter(({ code }) => !restore.acknowledged.includes(code))}
          />
        </Alert>
      </FocusedSection>
    );
  }
  const numbers = (
    <KeyValuePairs
      columns={3}
      items={[
        { label: "Files put", value: count(files.put) },
        ...(files.replaced === 0
          ? []
          : [{ label: "Files put back over what stood there", value: count(files.replaced) }]),
        { label: "Files kept", value: count(files.kept) },
        { label: "Files removed", value: count(files.removed) },
        ...(files.left === 0 ? [] : [{ label: "Files left", value: count(files.left) }]),
      ]}
    />
  );
  if (state === "completed") {
    return (
      <FocusedSection key="completed" label="Result">
        <SpaceBetween size="m">
          <Alert type="success" header={`${targetName} has been restored`}>
            The environment now holds the data of the backup. Deploy the model that belongs to it, then start the app.
          </Alert>
          {numbers}
          <Notes restore={restore} />
        </SpaceBetween>
      </FocusedSection>
    );
  }
  return (
    <FocusedSection key="progress" label="Progress">
      <SpaceBetween size="m">
        {progress.percent === null ? (
          <StatusIndicator type="in-progress">{progress.message}</StatusIndicator>
        ) : (
          <ProgressBar
            label={`Restoring into ${targetName}`}
            value={progress.percent}
            additionalInfo={progress.message}
          />
        )}
        {databaseOnly ? null : numbers}
        {error === undefined ? null : <Alert type="warning">{sentenceOf(error)}</Alert>}
        <p>You may close this: the restore goes on. Nothing at the target is half restored, whatever happens.</p>
      </SpaceBetween>
    </FocusedSection>
  );
};
