/** `drill-clear`: drops what drills left at the drill target. Repeatable; a failure leaves it for the next call. */
import { drillDatabasePrefix } from "./drill-names";
import { dropDrillDatabases, openDrillTarget } from "./drill-target";
import { withTargetLocked } from "./maintenance";
import type { TaskContext } from "./task-context";

export const drillClear = async (context: TaskContext): Promise<void> => {
  const { catalog, settings } = context;
  const token = (await catalog.getDrillState())?.leaseToken ?? null;
  const login = await openDrillTarget(context, token, drillDatabasePrefix(settings.PRIMARY_BUCKET));
  await withTargetLocked(context, login, (client) => dropDrillDatabases(context, client, login));
  if (token !== null) await catalog.updateDrillState(token, { databaseClear: true });
};
