/** What a restore's plan found: what stops it, and what has to be acknowledged, one tick a code. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding, RestorePlanView, SnapshotView } from "../../api/types";
import { changesOf } from "./changes";
import { Code, FindingList } from "../finding-list";
import { duration, NOTHING, size, utc } from "../../text/format";

type Plan = NonNullable<RestorePlanView["plan"]>;
interface FindingsProps {
  readonly plan: Plan;
  readonly snapshot: Pick<SnapshotView, "created_at">;
  /** Id of the environment that is restored into. */
  readonly target: string;
  readonly databaseOnly: boolean;
  readonly acknowledged: readonly string[];
  readonly onAcknowledge: (codes: readonly string[]) => void;
}

export const Findings = ({ plan, snapshot, target, databaseOnly, acknowledged, onAcknowledge }: FindingsProps) => {
  const toggle = (code: string, checked: boolean): void =>
    onAcknowledge(checked ? [...acknowledged, code] : acknowledged.filter((one) => one !== code));
  return (
    <SpaceBetween size="m">
      {plan.refusals.length > 0 ? null : (
        <div>
          <Box variant="h3">What the restore does</Box>
          <ul>
            {changesOf(plan, { target, databaseOnly, takenAt: utc(snapshot.created_at) }).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
      <KeyValuePairs columns={3} items={numbersOf(plan)} />
      {plan.no_old_files === null ? null : <Alert type="info">{plan.no_old_files}</Alert>}
      {plan.refusals.length === 0 ? null : (
        <Alert type="error" header="This restore is not possible now">
          <FindingList findings={plan.refusals} />
        </Alert>
      )}
      {plan.warnings.length === 0 ? null : (
        <Alert type="warning" header="Read and accept each of these">
          <SpaceBetween size="xs">
            {[...messagesByCode(plan.warnings)].map(([code, messages]) => (
              <Checkbox
                key={code}
                checked={acknowledged.includes(code)}
                onChange={({ detail }) => toggle(code, detail.checked)}
              >
                {messages.join(" ")} <Code code={code} />
              </Checkbox>
            ))}
          </SpaceBetween>
        </Alert>
      )}
    </SpaceBetween>
  );
};

/** A code is accepted once, whatever it was said of. */
const messagesByCode = (findings: readonly Finding[]): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const { code, message } of findings) found.set(code, [...(found.get(code) ?? []), message]);
  return found;
};

const numbersOf = (plan: Plan) => [
  { label: "Takes", value: duration(plan.estimated_seconds) },
  { label: "Room the database needs", value: sizeOrNothing(plan.database_bytes_needed) },
  { label: "Room there is", value: sizeOrNothing(plan.database_bytes_free) },
];
const sizeOrNothing = (bytes: number | null): string => (bytes === null ? NOTHING : size(bytes));
