/** A state in words, with its sign: never plain green where there is something besides. */
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { type ShownState, stateName } from "./state-words";

export { badgeOf, stateName } from "./state-words";

const SIGNS: Readonly<Record<ShownState["state"], StatusIndicatorProps.Type>> = {
  queued: "pending",
  running: "in-progress",
  failed: "error",
  completed: "success",
};

export const StateBadge = (shown: ShownState) => {
  const { state, warnings = 0, missing = 0 } = shown;
  return (
    <StatusIndicator type={warnings + missing > 0 && state === "completed" ? "warning" : SIGNS[state]}>
      {stateName(shown)}
    </StatusIndicator>
  );
};
