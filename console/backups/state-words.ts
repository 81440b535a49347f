/** A state in words, and what of a backup goes with it. Pure. */
import type { SnapshotView } from "../api/types";
import { count } from "../text/format";

export interface ShownState {
  readonly state: SnapshotView["state"];
  /** What it has to say besides. @default 0 */
  readonly warnings?: number;
  /** Files that it should have and hasn't. @default 0 */
  readonly missing?: number;
}

const NAMES: Readonly<Record<SnapshotView["state"], string>> = {
  queued: "Queued",
  running: "Running",
  failed: "Failed",
  completed: "Completed",
};
/** A warning that says no more than their number. */
const MISSING_CODE = "FilesMissing";

/** Of a backup in the list. */
export const badgeOf = ({
  state,
  warnings,
  missing_count,
}: Pick<SnapshotView, "state" | "warnings" | "missing_count">): ShownState => {
  const missing = state === "completed" ? (missing_count ?? 0) : 0;
  const others = missing === 0 ? warnings : warnings.filter(({ code }) => code !== MISSING_CODE);
  return { state, warnings: others.length, missing };
};

/** `Completed, 2 files missing, 1 warning` */
export const stateName = ({ state, warnings = 0, missing = 0 }: ShownState): string =>
  [
    NAMES[state],
    ...(missing === 0 ? [] : [`${count(missing)} ${missing === 1 ? "file" : "files"} missing`]),
    ...(warnings === 0 ? [] : [`${warnings} ${warnings === 1 ? "warning" : "warnings"}`]),
  ].join(", ");
