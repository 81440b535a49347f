/** Makes the nth request of a run fail, before its effect or after it, and everything after it too: a crash. */
import type { FakeCollaborators } from "../support/collaborators";

export class Crash extends Error {
  override name = "Crash";
}
export type CrashMoment = "before" | "after";

/** Runs `work` with a crash at request `at`; false when the run ended before it came to that. */
export async function crashAt(
  collaborators: FakeCollaborators,
  at: number,
  moment: CrashMoment,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const places = [collaborators.store, collaborators.replicaStore, collaborators.table];
  let count = 0;
  let crashed = false;
  const before = (): void => {
    if (crashed) throw new Crash("The process is dead.");
    count++;
    if (count === at && moment === "before") {
      crashed = true;
      throw new Crash(`Crash before request ${at}.`);
    }
  };
  const after = (): void => {
    // Requests may run side by side: the first answer from then on is the one that is lost.
    if (count >= at && moment === "after" && !crashed) {
      crashed = true;
      throw new Crash(`Crash after request ${at}.`);
    }
  };
  for (const place of places) {
    place.onRequest = before;
    place.onReply = after;
  }
  try {
    await work();
  } catch (error) {
    if (!crashed) throw error;
  } finally {
    for (const place of places) {
      place.onRequest = undefined;
      place.onReply = undefined;
    }
  }
  return crashed;
}
