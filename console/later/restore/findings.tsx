/** What a restore's plan found: what stops it, and what has to be acknowledged, one tick a code. */
import Alert from "@cloudscape-design/components/alert";
import Checkbox from "@cloudscape-design/components/checkbox";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Finding, RestorePlanView } from "../../api/types";
import { Code, FindingList } from "../finding-list";
import { count, duration, NOTHING, size } from "../../text/format";

type Plan = NonNullable<RestorePlanView["plan"]>;
interface FindingsProps {
  readonly plan: Plan;
  readonly databaseOnly: boolean;
  readonly acknowledged: readonly string[];
  readonly onAcknowledge: (codes: readonly string[]) => void;
}

export const Findings = ({ plan, databaseOnly, acknowledged, onAcknowledge }: FindingsProps) => {
  const toggle = (code: string, checked: boolean): void =>
    onAcknowledge(checked ? [...acknowledged, code] : acknowledged.filter((one) => one !== code));
  return (
    <SpaceBetween size="m">
      <KeyValuePairs columns={3} items={numbersOf(plan, databaseOnly)} />
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

const numbersOf = (plan: Plan, databaseOnly: boolean) => [
  { label: "Takes", value: duration(plan.estimated_seconds) },
  ...(databaseOnly
    ? []
    : [
        { label: "Files to put", value: `${count(plan.files_to_put)} (${size(plan.bytes_to_put)})` },
        ...(plan.files_to_replace === 0
          ? []
          : [
              {
                label: "Files to put back over what stood there",
                value: `${count(plan.files_to_replace)} (${size(plan.bytes_to_replace)})`,
              },
            ]),
        { label: "Files already there", value: count(plan.files_present) },
      ]),
  { label: "Room the database needs", value: sizeOrNothing(plan.database_bytes_needed) },
  { label: "Room there is", value: sizeOrNothing(plan.database_bytes_free) },
];
const sizeOrNothing = (bytes: number | null): string => (bytes === null ? NOTHING : size(bytes));
