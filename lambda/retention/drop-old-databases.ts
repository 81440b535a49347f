/**
 * Databases that completed restores have replaced and had to leave: every few hours the restore's workflow is started
 * again, which has the task try to drop them, under no lease. Repeatable: an execution is named after the time that it
 * was due. A crash between the start and the note starts nothing twice.
 */
import { allPages, isoSeconds } from "../catalog/catalog";
import type { Collaborators } from "../runtime/collaborators";

const HOURS_BETWEEN = 6;
/** Each costs two requests and a task. */
const DATABASES_A_RUN = 20;

/** Ids of the restores whose old database is tried again. */
export async function dropOldDatabases({
  catalog,
  workflows,
  settings,
  clock,
}: Pick<Collaborators, "catalog" | "workflows" | "settings" | "clock">): Promise<readonly string[]> {
  const now = clock.now();
  const tried: string[] = [];
  for await (const { restoreId, dropOldAt } of allPages((cursor) => catalog.listOldDatabases(now, cursor))) {
    if (tried.length >= DATABASES_A_RUN) break;
    const name = `${restoreId}-old-${Date.parse(dropOldAt ?? "") / 1000}`;
    await workflows.start(settings.RESTORE_STATE_MACHINE_ARN, name, { restoreId });
    const next = new Date(now.getTime() + HOURS_BETWEEN * 3_600_000);
    await catalog.updateRestore(restoreId, { dropOldAt: isoSeconds(next) });
    tried.push(restoreId);
  }
  return tried;
}
