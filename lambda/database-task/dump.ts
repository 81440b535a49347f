/**
 * `dump`: one consistent view of the environment. A read-only transaction exports its snapshot; pg_dump dumps that very
 * snapshot into the primary bucket while the same transaction lists the files that the database refers to (rule 9).
 * What a restore of it will need is noted, and warned of where the login lacks it.
 * The result stands in the attempt only when both are stored. A failure leaves no dump object (unless it was stored and
 * can't be read back); that and list segments already stored come free with the attempt's two-day lock. A repetition after success does nothing; after a failure it writes
 * under keys of its own, so nothing is ever written twice.
 */
import type { Client } from "pg";
import type { Attempt, DumpResult, EnvironmentItem } from "../catalog/items";
import { recordedNeeds, restoreNeeds } from "../dump/restore-needs";
import { attemptLock } from "../rules/attempt-lock";
import { ServiceFailure } from "../runtime/collaborators";
import type { SnapshotWarning } from "../snapshot/warnings";
import { databaseKey, fileListKey } from "../storage/object-keys";
import { findTools } from "./client-programs";
import { withConnection } from "./connection";
import { statementFailure } from "./connection-errors";
import { databaseWarnings, type DatabaseFacts, readDatabaseFacts } from "./database-facts";
import { type DatabaseLogin, readLogin } from "./database-login";
import { dumpDatabase } from "./dump-database";
import { environmentFiles, storeList } from "./file-list";
import { claimLease } from "./lease-claim";
import { warnOfNotInDump } from "./not-in-dump";
import { readRestoreRights, rightsWarnings, type RestoreRights } from "./restore-rights";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

/** The reference query sorts all its rows before the first one comes. */
export const QUERY_SECONDS = 3600;

export const dump = async (
  context: TaskContext,
  environmentId: string,
  snapshotId: string,
  attemptId: string,
): Promise<void> => {
  const { attempt, environment } = await attemptOf(context, { environmentId, snapshotId, attemptId });
  await claimLease(context, environmentId, attempt.leaseToken);
  if (attempt.dump !== null) return;
  const login = await readLogin(context, environment.registration.database);
  const result = await dumpConsistently(context, environment, attempt, login);
  await context.catalog.updateAttempt(attemptId, { dump: result, failure: null });
};

/** What the task works for. */
export const attemptOf = async (
  { catalog }: Pick<TaskContext, "catalog">,
  ids: { readonly environmentId: string; readonly snapshotId: string; readonly attemptId: string },
): Promise<{ readonly attempt: Attempt; readonly environment: EnvironmentItem }> => {
  const { environmentId, snapshotId, attemptId } = ids;
  const attempt = await catalog.getAttempt(attemptId);
  if (attempt === undefined || attempt.environmentId !== environmentId || attempt.snapshotId !== snapshotId)
    throw new ServiceFailure(
      "AttemptMissing",
      `The attempt ${attemptId} of snapshot ${snapshotId} isn't in the catalog.`,
      false,
    );
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined)
    throw new ServiceFailure("EnvironmentMissing", `The environment "${environmentId}" isn't registered.`, false);
  return { attempt, environment };
};

const dumpConsistently = async (
  context: TaskContext,
  environment: EnvironmentItem,
  attempt: Attempt,
  login: DatabaseLogin,
): Promise<DumpResult> =>
  withConnection(login, { statementSeconds: QUERY_SECONDS }, async (client) => {
    const { snapshot, facts, rights, notInDump } = await exportSnapshot(client, login);
    const tools = await findTools(context.programs, facts.serverMajor, facts.serverVersion);
    const { clock, log, random, settings, store } = context;
    const place = { replication: environment.replication, environmentId: environment.environmentId };
    const { snapshotId, attemptId } = attempt;
    const run = runName(random);
    const bucket = settings.PRIMARY_BUCKET;
    const lock = attemptLock(settings.LOCK_MODE, clock.now());
    const { files } = environment.registration;
    log.info("Dumping the database.", {
      attemptId,
      snapshot,
      size: facts.databaseSize,
      serverVersion: facts.serverVersion,
    });

    const key = databaseKey(place, snapshotId, attemptId, run);
    const keyOf = (segment: number): string => fileListKey(place, snapshotId, attemptId, segment, run);
    const [{ warnings, toc, ...stored }, list] = await bothOrNeither(
      context.signal,
      (signal) => dumpDatabase(store, { tools, login, snapshot, target: { bucket, key, lock } }, signal),
      (signal) => {
        // A query that sorts for an hour doesn't look at signals; without its connection it ends.
        signal.addEventListener("abort", () => void client.end().catch(() => undefined), { once: true });
        return storeList(store, environmentFiles(store, client, files, login), { bucket, keyOf, lock }, signal);
      },
    );
    log.info("Dumped the database.", {
      attemptId,
      dumpSize: stored.dumpSize,
      stored: stored.size,
      files: list.listCount,
    });
    const { serverMajor: _, foreignTables: __, ...recorded } = facts;
    const found = restoreNeeds(toc);
    const needs = { ...found, needsSuperuser: [...found.needsSuperuser, ...rights.needsSuperuser] };
    return {
      database: {
        ...stored,
        privileges: true,
        ...recordedNeeds(needs),
        ...recorded,
        extensions: [...facts.extensions],
        policyRoles: [...facts.policyRoles],
        customisations: [...facts.customisations],
        dumpVersion: tools.version,
      },
      ...list,
      warnings: [...databaseWarnings(facts), ...rightsWarnings(rights, needs), ...notInDump, ...warnings],
    };
  });

const exportSnapshot = async (
  client: Client,
  login: DatabaseLogin,
): Promise<{
  snapshot: string;
  facts: DatabaseFacts;
  rights: RestoreRights;
  notInDump: readonly SnapshotWarning[];
}> => {
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows } = await client.query<{ snapshot: string }>("SELECT pg_catalog.pg_export_snapshot() AS snapshot");
    const facts = await readDatabaseFacts(client);
    const rights = await readRestoreRights(client, facts.serverMajor);
    return { snapshot: rows[0]?.snapshot ?? "", facts, rights, notInDump: await warnOfNotInDump(client) };
  } catch (error) {
    throw statementFailure(error, `Looking at the database "${login.database}"`, login);
  }
};

/** Runs both; the first failure ends the other one, and is thrown once both have ended. */
const bothOrNeither = async <A, B>(
  outer: AbortSignal,
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> => {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  const guarded = async <T>(work: (inner: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(signal);
    } catch (error) {
      failure ??= { error };
      stop.abort();
      throw error;
    }
  };
  const [a, b] = await Promise.allSettled([guarded(first), guarded(second)]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  throw failure?.error;
};
