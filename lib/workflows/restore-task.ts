/** The database task as both branches of a restore run it: a verb and the restore's id, in the target's network. */
import type { State } from "./asl";
import { databaseTask, type TaskFlow } from "./database-task";

export const restoreTask = (
  name: string,
  verb: string,
  timeoutSeconds: number,
  flow: TaskFlow,
): Record<string, State> =>
  databaseTask(
    name,
    { command: `States.Array('${verb}', $.restoreId)`, networkPath: "$.begun.network", timeoutSeconds },
    flow,
  );
