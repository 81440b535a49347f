/** A state in words, with its sign. */
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { SnapshotView } from "../api/types";
import { count } from "../text/format";

const SIGNS: Readonly<Record<SnapshotView["state"], readonly [StatusIndicatorProps.Type, string]>> = {
  queued: ["pending", "Queued"],
  running: ["in-progress", "Running"],
  failed: ["error", "Failed"],
  completed: ["success", "Completed"],
};

interface StateBadgeProps {
  readonly state: SnapshotView["state"];
  /** What it has to say besides: never plain green then. @default 0 */
  readonly warnings?: number;
  /** Files that it should have and hasn't: never plain green then. @default 0 */
  readonly missing?: number;
}
/** A warning that says no more than their number. */
const MISSING_CODE = "FilesMissing";

/** Of a backup in the list. */
export const badgeOf = ({
  state,
  warnings,
  missing_count,
}: Pick<SnapshotView, "state" | "warnings" | "missing_count">): StateBadgeProps => {
  const missing = state === "completed" ? (missing_count ?? 0) : 0;
  const others = missing === 0 ? warnings : warnings.filter(({ code }) => code !== MISSING_CODE);
  return { state, warnings: others.length, missing };
};
export const stateName = ({ state, warnings = 0, missing = 0 }: StateBadgeProps): string =>
  [
    SIGNS[state][1],
    ...(missing === 0 ? [] : [`${count(missing)} ${missing === 1 ? "file" : "files"} missing`]),
    ...(warnings === 0 ? [] : [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`]),
  ].join(", ");

export const StateBadge = ({ state, warnings = 0, missing = 0 }: StateBadgeProps) => {
  const [type] = SIGNS[state];
  return (
    <StatusIndicator type={warnings + missing > 0 && state === "completed" ? "warning" : type}>
      {stateName({ state, warnings, missing })}
    </StatusIndicator>
  );
};
