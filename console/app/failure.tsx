/** Why something isn't shown, or of when it is: one sentence, instead of anything that would be said of an empty list. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { sentenceOf } from "../api/client";
import { timeOfDay, utc } from "../text/format";
import { serviceNow } from "./clock";

interface FailureProps {
  readonly error: unknown;
  /** Where an earlier answer is shown besides: its time. */
  readonly asOf?: Date | undefined;
  /** Whether an earlier answer is shown besides. @default false */
  readonly stale?: boolean;
  readonly onRetry: () => Promise<void>;
}
export const Failure = ({ error, asOf, stale = false, onRetry }: FailureProps) =>
  error === undefined ? null : (
    <Alert type={stale ? "warning" : "error"} action={<Button onClick={() => void onRetry()}>Try again</Button>}>
      {sentenceOf(error)}
      {stale ? ` ${ageOf(asOf)}` : ""}
    </Alert>
  );

const ageOf = (asOf: Date | undefined): string => {
  if (asOf === undefined) return "What is shown came before that.";
  const iso = asOf.toISOString();
  const isToday = serviceNow()?.toISOString().slice(0, 10) === iso.slice(0, 10);
  return `What is shown is as of ${isToday ? timeOfDay(iso) : utc(iso)} UTC.`;
};
