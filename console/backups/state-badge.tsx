/** A state in words, with its sign. */
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { SnapshotView } from "../api/types";

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
}
export const stateName = ({ state, warnings = 0 }: StateBadgeProps): string => {
  const [, name] = SIGNS[state];
  return warnings === 0 ? name : `${name}, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
};

export const StateBadge = ({ state, warnings = 0 }: StateBadgeProps) => {
  const [type] = SIGNS[state];
  return (
    <StatusIndicator type={warnings > 0 && state === "completed" ? "warning" : type}>
      {stateName({ state, warnings })}
    </StatusIndicator>
  );
};
