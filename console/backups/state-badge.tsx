/** A state in words, with its sign. */
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { SnapshotView } from "../api/types";

const SIGNS: Readonly<Record<SnapshotView["state"], readonly [StatusIndicatorProps.Type, string]>> = {
  queued: ["pending", "Queued"],
  running: ["in-progress", "Running"],
  failed: ["error", "Failed"],
  completed: ["success", "Completed"],
};
export const stateName = (state: SnapshotView["state"]): string => SIGNS[state][1];

export const StateBadge = ({ state }: { readonly state: SnapshotView["state"] }) => {
  const [type, name] = SIGNS[state];
  return <StatusIndicator type={type}>{name}</StatusIndicator>;
};
