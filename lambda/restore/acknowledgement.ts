/**
 * Warnings of a plan, and what the request for a restore says of them. A request that says nothing goes ahead over
 * all, as the published API's restores do; one that names what it accepts, even nothing, is held by whatever else the
 * plan warns of. Nothing was touched then, so it has not failed: it waits, and holds neither lease nor snapshot. Pure.
 */
import type { RestoreItem } from "../catalog/items";
import { SNAPSHOT_WARNINGS } from "../snapshot/warnings";
import { PLAN_WARNINGS } from "./plan-findings";

/** Acknowledges every warning, read or not. */
export const ALL_WARNINGS = "*";

/** A restore that waits for warnings to be acknowledged; its state is `queued`. */
export const HELD_PHASE = "acknowledgement";
/** How long it is shown as waiting; asking again is another restore. */
export const HELD_HOURS = 24;

export const isHeld = ({ state, phase }: Pick<RestoreItem, "state" | "phase">): boolean =>
  state === "queued" && phase === HELD_PHASE;

const CODES: ReadonlySet<string> = new Set([
  ALL_WARNINGS,
  ...PLAN_WARNINGS,
  ...Object.entries(SNAPSHOT_WARNINGS).flatMap(([code, inPlan]) => (inPlan === null ? [code] : [])),
]);
/** Those that no plan's warning can have, such as misspelt ones and those of refusals. */
export const unknownCodes = (codes: readonly string[]): readonly string[] => codes.filter((code) => !CODES.has(code));
/** For the end of a sentence about them. */
export const unknownCodesMessage = (codes: readonly string[]): string =>
  `must name warnings of a restore's plan, and none has the code ${unknownCodes(codes).join(", ")}`;

/** Warnings whose code has not been acknowledged. */
export const unacknowledged = <F extends { readonly code: string }>(
  warnings: readonly F[],
  acknowledged: readonly string[],
): readonly F[] =>
  acknowledged.includes(ALL_WARNINGS) ? [] : warnings.filter((warning) => !acknowledged.includes(warning.code));

type Asked = Pick<RestoreItem, "acknowledged" | "overWarnings">;

/** What of a plan's warnings holds the restore. */
export const holding = <F extends { readonly code: string }>(
  warnings: readonly F[],
  { acknowledged, overWarnings }: Asked,
): readonly F[] => (overWarnings === true ? [] : unacknowledged(warnings, acknowledged));

/** What of a plan's warnings a restore goes over without anybody's having read it. */
export const wentOver = <F extends { readonly code: string }>(
  warnings: readonly F[],
  { acknowledged, overWarnings }: Asked,
): readonly F[] => (overWarnings === true ? unacknowledged(warnings, acknowledged) : []);

/** Nothing of the target has been begun with, by this execution or an earlier one. */
export const isUntouched = ({ files, database, instances }: RestoreItem): boolean =>
  files.batches + files.put + (files.replaced ?? 0) === 0 && database === null && (instances ?? null) === null;
