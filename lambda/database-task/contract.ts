/**
 * The database task: one program, run by Fargate in the environment's network, by Step Functions' RunTask. Its
 * command is `[verb, ...ids]`; everything else it reads from the catalog by id. Exit code 0 is success. Before a
 * failure it leaves a sentence in the attempt, the restore or the drill (`failure`) or the archive (`statusMessage`), exits with 1.
 *
 *   dump <environmentId> <snapshotId> <attemptId>
 *   list <environmentId> <snapshotId> <attemptId> before|after
 *   pack <environmentId> <snapshotId> <attemptId> <shard>
 *   unpack <environmentId> <snapshotId> <attemptId> <uploadId>
 *   probe <environmentId>
 *   preflight <restoreId>
 *   restore <restoreId>
 *   swap <restoreId>
 *   undo <restoreId>
 *   drop-old <restoreId>
 *   list-old <restoreId>
 *   prove <restoreId>
 *   settle <restoreId>
 *   archive <archiveId>
 *   drill <environmentId> <drillId>
 *   drill-clear
 */
import { settings } from "../runtime/settings";
import { z } from "zod";

export const CONTAINER_NAME = "database";

/** Besides the settings: where the PostgreSQL client programs of each major version are. */
export const taskSettings = settings.extend({
  /** `{major}` stands for the version: `/usr/lib/postgresql/{major}/bin`. */
  POSTGRESQL_PROGRAMS: z.string(),
  /** The lowest and highest major version whose programs the image holds. */
  POSTGRESQL_MAJORS: z.string().regex(/^\d+(,\d+)*$/),
});
export type TaskSettings = z.infer<typeof taskSettings>;
