/**
 * Which environments have something to do: those of which something has expired, and those whose sweep is due. A few
 * requests when there is nothing. Bounded: what does not fit is found again five minutes later. Changes nothing but
 * retention's own calendar and what is short-lived, and starts abandoned restores again before their pins could be
 * taken for stale.
 */
import { allPages } from "../catalog/catalog";
import type { Collaborators } from "../runtime/collaborators";
import { sweepTransfer } from "../transfer/sweep-transfer";
import { takeCensus } from "./census";
import type { SelectOutput } from "./contract";
import { dropOldDatabases } from "./drop-old-databases";
import { forgetRestores } from "./forget-restores";
import { resumeRestores } from "./resume-restores";
import { countExpiring } from "./warn-last";

export const ENVIRONMENTS_A_RUN = 300;
/** Time kept for returning the answer. */
const RESERVE_MS = 10_000;

export type SelectCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "workflows" | "notifier" | "events" | "metrics" | "clock" | "remainingMs" | "log"
>;

export async function selectEnvironments(collaborators: SelectCollaborators): Promise<SelectOutput> {
  const { catalog, clock, remainingMs } = collaborators;
  const now = clock.now();
  await resumeRestores(collaborators);
  await orSay("Old databases could not be tried again.", collaborators, dropOldDatabases);
  await forgetRestores(collaborators);
  await takeCensus(collaborators);
  await orSay("The transfer bucket could not be swept; the next run tries again.", collaborators, sweepTransfer);
  await orSay("Environments whose last snapshot expires could not be counted.", collaborators, countExpiring);
  const chosen = new Set<string>();
  const found = [
    allPages((cursor) => catalog.listExpired(now, cursor)),
    allPages((cursor) => catalog.listDueSweeps(now, cursor)),
  ];
  for (const candidates of found) {
    for await (const { environmentId } of candidates) {
      chosen.add(environmentId);
      if (chosen.size >= ENVIRONMENTS_A_RUN || remainingMs() < RESERVE_MS) return { environments: [...chosen] };
    }
  }
  return { environments: [...chosen] };
}

/** Neither what is short-lived nor a count must keep what has expired from going: the next run tries again. */
async function orSay(
  sentence: string,
  collaborators: SelectCollaborators,
  work: (collaborators: SelectCollaborators) => Promise<unknown>,
): Promise<void> {
  try {
    await work(collaborators);
  } catch (error) {
    collaborators.log.error(sentence, { cause: error instanceof Error ? error.message : String(error) });
  }
}
