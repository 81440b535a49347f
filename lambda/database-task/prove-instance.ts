/**
 * `prove`: whether the restored instance answers to the target's own login, before anything is swapped: the database is
 * there and the reference query runs. `settle`: the same under the registered address, after the swap; then the files
 * that only the old database named are removed. Both can be repeated; `prove` only reads.
 */
import type { Client } from "pg";
import { ServiceFailure } from "../runtime/collaborators";
import { withConnection } from "./connection";
import type { DatabaseLogin } from "./database-login";
import { tryReferenceQuery } from "./reference-query";
import { removeFiles } from "./remove-files";
import { checkLease, openRestore, recordProgress, type RestoreTarget } from "./restore-target";
import type { TaskContext } from "./task-context";

export const prove = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  const { instances } = opened.restore;
  if (instances === undefined || instances === null || instances.endpoint === null)
    throw new ServiceFailure("RestoreNotReady", `The restore ${restoreId} has no restored database instance.`, false);
  if (instances.renamingSince !== null) return; // it was proven before, and its own address may be gone
  await answers(opened, { ...opened.login, ...instances.endpoint });
  context.log.info("The restored database instance answers.", { restoreId, instance: instances.beside });
};

export const settle = async (context: TaskContext, restoreId: string): Promise<void> => {
  const opened = await openRestore(context, restoreId);
  const { database, databaseOnly, removal } = opened.restore;
  if (database === null || database.swappedAt === null || (!databaseOnly && removal?.done !== true))
    throw new ServiceFailure(
      "RestoreUnfinished",
      `The database instances of restore ${restoreId} are not swapped.`,
      false,
    );
  await answers(opened, opened.login);
  context.log.info("The restored database instance answers under its name.", { restoreId });
  if (databaseOnly) return;
  await removeFiles(
    context,
    opened,
    database,
    () => checkLease(context, opened),
    (progress) => recordProgress(context, restoreId, { ...database, ...progress }),
  );
};

/** Throws the connection's failures, and ReferenceQueryFailed. */
const answers = ({ target }: RestoreTarget, login: DatabaseLogin): Promise<void> =>
  withConnection(login, {}, async (client: Client) => {
    const { source } = target.registration.files;
    if (source.kind === "reference-query") await tryReferenceQuery(client, source.query, login);
    else await client.query("SELECT 1");
  });
