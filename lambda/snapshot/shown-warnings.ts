/** A snapshot's warnings as the catalog lists them and as users see them. Pure. */
import type { Finding, SnapshotItem } from "../catalog/items";

/** A catalog item has room for 400 KB. */
const LISTED = 50;

/**
 * The first of each code, then the others, so that many of one kind hide none of another. What there is no room for is
 * counted.
 */
export const listedWarnings = (all: readonly Finding[]): readonly Finding[] => {
  if (all.length <= LISTED) return all;
  const codes = new Set<string>();
  const first = all.filter(({ code }) => !codes.has(code) && codes.add(code));
  const others = all.filter((one) => !first.includes(one));
  const left = all.length - LISTED + 1;
  const message = `${left} more warnings stand in the snapshot's manifest.`;
  return [...first, { code: "MoreWarnings", message }, ...others].slice(0, LISTED);
};

/** Items of an earlier version hold their sentences in `statusMessage` alone. */
export const shownWarnings = ({
  state,
  statusMessage,
  warnings,
}: Pick<SnapshotItem, "state" | "statusMessage" | "warnings">): readonly Finding[] => {
  if (state !== "completed") return [];
  return warnings ?? (statusMessage === "" ? [] : [{ code: "Warned", message: statusMessage }]);
};
