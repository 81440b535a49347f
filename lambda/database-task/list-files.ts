/**
 * `list … before` and `list … after`: the files that the database names right before and right after its recovery
 * point. The second reading is merged with the first as it comes, and their union is the attempt's list: what a file
 * is needed for at the recovery point's own instant, nobody can ask. A repetition after success does nothing; a failure
 * leaves list segments that come free with the attempt's two-day lock.
 */
import type { Attempt, EnvironmentItem } from "../catalog/items";
import { flat, readList } from "../pack/index-io";
import { compareKeys } from "../pack/key-order";
import { attemptLock } from "../rules/attempt-lock";
import { ServiceFailure } from "../runtime/collaborators";
import type { ListLine } from "../snapshot/file-index";
import { fileListKey } from "../storage/object-keys";
import { withConnection } from "./connection";
import { statementFailure } from "./connection-errors";
import { databaseWarnings, readDatabaseFacts, type DatabaseFacts } from "./database-facts";
import { readLogin } from "./database-login";
import { attemptOf, QUERY_SECONDS } from "./dump";
import { environmentFiles, storeList, type StoredList } from "./file-list";
import { claimLease } from "./lease-claim";
import { runName } from "./run-name";
import type { TaskContext } from "./task-context";

export type ListTime = "before" | "after";

export const listFiles = async (
  context: TaskContext,
  ids: { readonly environmentId: string; readonly snapshotId: string; readonly attemptId: string },
  time: ListTime,
): Promise<void> => {
  const { catalog } = context;
  const { attempt, environment } = await attemptOf(context, ids);
  await claimLease(context, ids.environmentId, attempt.leaseToken);
  if (time === "before") {
    if (attempt.recovery !== undefined) return;
    const { facts, list } = await readFiles(context, attempt, environment);
    const { serverMajor: _, foreignTables: __, ...recorded } = facts;
    await catalog.updateAttempt(attempt.attemptId, {
      recovery: {
        before: {
          ...list,
          facts: {
            ...recorded,
            extensions: [...facts.extensions],
            policyRoles: [...facts.policyRoles],
            customisations: [...facts.customisations],
          },
          warnings: databaseWarnings(facts),
        },
        listedAfter: null,
        jobId: null,
        point: null,
        copyJobId: null,
        copyStarts: 0,
        copyTries: 0,
        copyArn: null,
      },
      failure: null,
    });
    return;
  }
  if (attempt.dump !== null) return;
  const { recovery } = attempt;
  if (recovery === undefined || recovery.point === null)
    throw new ServiceFailure(
      "RecoveryPointMissing",
      `The recovery point of snapshot ${ids.snapshotId} is not recorded; the backup is to be taken again.`,
      true,
    );
  const bucket = context.settings.PRIMARY_BUCKET;
  const before = flat(readList(context.store, bucket, recovery.before.listSegments));
  const counted = { after: 0 };
  const { list } = await readFiles(context, attempt, environment, (after) => unionOf(before, after, counted));
  await catalog.updateAttempt(attempt.attemptId, {
    dump: { database: null, ...list, warnings: recovery.before.warnings },
    recovery: { ...recovery, listedAfter: counted.after },
    failure: null,
  });
};

/** Reads the list in a transaction of its own and stores what `through` makes of it. */
const readFiles = async (
  context: TaskContext,
  { attemptId, snapshotId }: Attempt,
  environment: EnvironmentItem,
  through: (lines: AsyncIterable<ListLine>) => AsyncIterable<ListLine> = (lines) => lines,
): Promise<{ readonly facts: DatabaseFacts; readonly list: StoredList }> => {
  const { clock, random, settings, signal, store } = context;
  const login = await readLogin(context, environment.registration.database);
  const place = { replication: environment.replication, environmentId: environment.environmentId };
  const run = runName(random);
  const target = {
    bucket: settings.PRIMARY_BUCKET,
    keyOf: (segment: number): string => fileListKey(place, snapshotId, attemptId, segment, run),
    lock: attemptLock(settings.LOCK_MODE, clock.now()),
  };
  return withConnection(login, { statementSeconds: QUERY_SECONDS }, async (client) => {
    let facts: DatabaseFacts;
    try {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      facts = await readDatabaseFacts(client);
    } catch (error) {
      throw statementFailure(error, `Looking at the database "${login.database}"`, login);
    }
    const { files } = environment.registration;
    const lines = through(environmentFiles(store, client, files, login));
    return { facts, list: await storeList(store, lines, target, signal) };
  });
};

/** Both in key order; of a key that both name, the later line. In constant memory. */
export async function* unionOf(
  before: AsyncGenerator<ListLine>,
  after: AsyncIterable<ListLine>,
  counted: { after: number },
): AsyncGenerator<ListLine> {
  let old = await before.next();
  try {
    for await (const line of after) {
      counted.after++;
      while (old.done !== true && compareKeys(old.value.key, line.key) < 0) {
        yield old.value;
        old = await before.next();
      }
      if (old.done !== true && old.value.key === line.key) old = await before.next();
      yield line;
    }
    for (; old.done !== true; old = await before.next()) yield old.value;
  } finally {
    await before.return(undefined);
  }
}
