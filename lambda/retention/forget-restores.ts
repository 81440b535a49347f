/**
 * What became of restores is kept for 90 days, plans for a week; then they leave the catalog, and the daily sweep of
 * their environment takes their records for those of nobody. Bounded and repeatable: what is left is found again by
 * the next run.
 */
import { allPages } from "../catalog/catalog";
import type { Collaborators } from "../runtime/collaborators";

/** Each costs two requests. */
const RESTORES_A_RUN = 200;

/** How many have left. */
export async function forgetRestores({
  catalog,
  clock,
  notifier,
}: Pick<Collaborators, "catalog" | "clock" | "notifier">): Promise<number> {
  const now = clock.now();
  let forgotten = 0;
  let looked = 0;
  for await (const restoreId of allPages((cursor) => catalog.listForgottenRestores(now, cursor))) {
    if (looked++ >= RESTORES_A_RUN) break;
    const restore = await catalog.getRestore(restoreId);
    // Eventually consistent, the list may still name one that has left; and one that is open is a person's to end.
    if (restore === undefined || (restore.state !== "completed" && restore.state !== "failed")) continue;
    const left = restore.database?.oldLeft;
    if (left)
      await notifier.tell(
        `The database ${left.database} is left to you`.slice(0, 100),
        `Restore ${restoreId} into environment ${restore.targetEnvironmentId} replaced the database "${left.database}", which could never be dropped, and is forgotten now: drop it by hand. ${left.reason}`,
      );
    await catalog.deleteRestore(restore);
    forgotten++;
  }
  return forgotten;
}
