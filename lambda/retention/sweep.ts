/**
 * Retention's calendar: when an environment is looked at again although nothing of it has expired, and how often the
 * same disagreement is told. A failure before the sweep is put makes the next run look again, and perhaps tell again.
 */
import { isoSeconds } from "../catalog/catalog";
import type { Sweep } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import type { Execution } from "./execute";
import type { DeletionPlan } from "./plan";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Of the sentences that say why nothing was deleted, as many are kept and told. */
const REASONS_TOLD = 20;

/**
 * Once a day; sooner when something left behind comes free sooner, so that nothing stays longer than its lock, and when
 * someone is to be told of the last snapshot's expiry.
 */
export function nextSweep(given: {
  readonly environmentId: string;
  readonly plan: DeletionPlan;
  readonly execution: Execution;
  readonly told: Sweep["told"];
  readonly nextLook: Date | null;
  readonly now: Date;
}): Sweep {
  const { environmentId, plan, execution, told, nextLook, now } = given;
  const times = [dayOr(nextLook, now), ...plan.left.map(({ until }) => until.getTime())];
  // A leftover whose lock outlasts its two days by little; what stays locked for months waits for the daily look.
  if (execution.refused.some(({ after }) => after.length === 0)) times.push(now.getTime() + HOUR);
  const soonest = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  // Up to the next second: a sweep in the second before would come too early.
  return {
    environmentId,
    sweptAt: isoSeconds(now),
    dueAt: isoSeconds(new Date(Math.ceil(soonest / 1000) * 1000)),
    told,
  };
}

/** Tells someone at once, and again every day for as long as it lasts; when the reasons change, at once again. */
export async function tellDisagreements(
  environmentId: string,
  reasons: readonly string[],
  nextLook: Date | null,
  { catalog, notifier, clock, log }: Pick<Collaborators, "catalog" | "notifier" | "clock" | "log">,
): Promise<void> {
  const now = clock.now();
  const sweep = await catalog.getSweep(environmentId);
  const shortened = reasons.slice(0, REASONS_TOLD);
  log.error("Nothing of the environment is deleted, because sources disagree.", { environmentId, reasons: shortened });
  const told = sweep?.told ?? null;
  const isKnown = told !== null && JSON.stringify(told.reasons) === JSON.stringify(shortened);
  if (isKnown && now.getTime() - Date.parse(told.at) < DAY) return;
  const more = reasons.length > REASONS_TOLD ? [`… and ${reasons.length - REASONS_TOLD} more.`] : [];
  await notifier.tell(
    `Backups of ${environmentId}: expiry has stopped`.slice(0, 100),
    ["Nothing of this environment's backups is deleted until this is mended:", ...shortened, ...more].join("\n"),
  );
  await catalog.putSweep({
    environmentId,
    sweptAt: sweep?.sweptAt ?? null,
    dueAt: isoSeconds(new Date(dayOr(nextLook, now))),
    told: { at: isoSeconds(now), reasons: shortened },
  });
}

/** Something has gone before its time, so that another snapshot may be the last now: the next run looks. */
export async function sweepSoon(
  environmentId: string,
  { catalog, clock }: Pick<Collaborators, "catalog" | "clock">,
): Promise<void> {
  const sweep = await catalog.getSweep(environmentId);
  const dueAt = isoSeconds(clock.now());
  await catalog.putSweep({ environmentId, sweptAt: sweep?.sweptAt ?? null, dueAt, told: sweep?.told ?? null });
}

const dayOr = (sooner: Date | null, now: Date): number =>
  Math.min(now.getTime() + DAY, Math.ceil((sooner?.getTime() ?? Number.POSITIVE_INFINITY) / 1000) * 1000);
