/**
 * `swap`: two renames, the old instance away from the name and the new one to it, each decided from what RDS shows. From
 * the first one on there is only forward: between the two nothing has the name, and every call brings it nearer to the
 * new instance, or back to the old one if the new one is lost. The old instance gets the restore's mark before it gives
 * its name up, the new one loses it once it has the name. Repeatable at any point.
 */
import { isoSeconds } from "../catalog/catalog";
import { isSwapped, loadRestore, requireGoingForward, requireLease } from "../restore/restore-state";
import { ServiceFailure } from "../runtime/collaborators";
import type { InstanceOutput } from "./contract";
import type { InstanceAnswer, InstanceFacts } from "./instances";
import { isMarked, isMarkedBy, mark, unmark } from "./swap-mark";
import type { SwapStep } from "./swap-rules";
import {
  decide,
  done,
  look,
  more,
  openSwap,
  recordSwap,
  type OpenSwap,
  type ShownFacts,
  type SwapCollaborators,
} from "./swap-state";

export const swapInstances = async (
  { restoreId }: { readonly restoreId: string },
  collaborators: SwapCollaborators,
): Promise<InstanceOutput> => {
  const standing = await loadRestore(collaborators, restoreId);
  if (isSwapped(standing) && standing.instances?.settled === true) return done();
  const opened = await openSwap(collaborators, restoreId);
  const shown = await look(collaborators.instances, opened.swap);
  const { next, open } = await decide(collaborators, opened, shown);
  return take(collaborators, open, next, shown);
};

/** One step; nothing is believed of its answer, the next call looks. */
export const take = async (
  collaborators: SwapCollaborators,
  open: OpenSwap,
  next: SwapStep,
  { live }: Pick<ShownFacts, "live">,
): Promise<InstanceOutput> => {
  const { instances, log } = collaborators;
  const { restore, swap } = open;
  const { instance, beside, replaced } = swap;
  log.info("A swap of database instances goes on.", { restoreId: restore.restoreId, instance, ...next });
  switch (next.step) {
    case "wait":
      return more(next.why);
    case "rename-old":
      await requireGoingForward(collaborators, restore);
      // Before the rename: an old instance without it could never be deleted.
      if (live !== undefined && !isMarkedBy(live, restore.restoreId))
        return more(`${instance} is being tagged (${await mark(instances, live, restore.restoreId)}).`);
      // Recorded before: whoever finds this knows that nothing may be undone without looking.
      if (swap.renamingSince === null)
        await recordSwap(
          collaborators,
          open,
          { renamingSince: isoSeconds(collaborators.clock.now()) },
          { phase: "swap" },
        );
      return asked(await instances.rename(instance, replaced), instance, replaced);
    case "rename-new":
      await requireLease(collaborators, restore);
      return asked(await instances.rename(beside, instance), beside, instance);
    case "rename-back":
      await requireLease(collaborators, restore);
      return asked(await instances.rename(replaced, instance), replaced, instance);
    case "swapped":
      return settle(collaborators, open, live);
    case "give-up":
      throw failure("InstanceNotSwapped", `The database instance ${instance} was not replaced: ${next.why}.`, false);
    default:
      throw failure(
        "InstanceReplaced",
        `The database instances of restore ${restore.restoreId} were changed from outside: for ${instance}, ${next.why}. See the runbook's article instance-swap.`,
        true,
      );
  }
};

/** `gone` and `taken`: it has happened already, or RDS is not that far; the next look says. */
const asked = (answer: InstanceAnswer, from: string, to: string): InstanceOutput =>
  more(`${from} is being renamed to ${to} (${answer}).`);

/** The new instance has the name: nothing may delete it from now on, and then it counts. */
const settle = async (
  collaborators: SwapCollaborators,
  open: OpenSwap,
  live: InstanceFacts | undefined,
): Promise<InstanceOutput> => {
  const { instances, clock } = collaborators;
  const { restore, swap } = open;
  let current = open;
  if (!isSwapped(restore) && restore.database !== null) {
    const database = { ...restore.database, swappedAt: isoSeconds(clock.now()) };
    current = await recordSwap(collaborators, open, {}, { database, phase: "settle" });
  }
  if (live !== undefined && isMarked(live))
    return more(`The tag of the restore is being taken off ${swap.instance} (${await unmark(instances, live)}).`);
  if (swap.settings.deletionProtection && live?.settings.deletionProtection !== true) {
    await instances.change(swap.instance, { deletionProtection: true });
    return more(`${swap.instance} is being protected from deletion.`);
  }
  await recordSwap(collaborators, current, { settled: true });
  return done();
};

const failure = (code: string, message: string, retryable: boolean): ServiceFailure =>
  new ServiceFailure(code, message, retryable);
