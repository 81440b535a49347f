/**
 * Runs one verb of the task's contract and leaves, before a failure, one sentence where the workflow looks for it: in
 * the attempt, the restore or the drill. A task that lost its lease writes nothing: what it would write to is another's.
 */
import { isoSeconds } from "../catalog/catalog";
import { ServiceFailure } from "../runtime/collaborators";
import { StorageError } from "../storage/storage-errors";
import { withAdvice } from "../storage/storage-advice";
import { archive } from "./archive";
import { drill } from "./drill";
import { drillClear } from "./drill-clear";
import { dropOld } from "./drop-old";
import { dump } from "./dump";
import { LEASE_LOST } from "./lease-claim";
import { listFiles } from "./list-files";
import { listOld } from "./list-old";
import { pack } from "./pack";
import { preflight } from "./preflight";
import { prove, settle } from "./prove-instance";
import { probe } from "./probe";
import { restore } from "./restore";
import { swap } from "./swap";
import type { TaskContext } from "./task-context";
import { undoRestore } from "./undo";
import { unpack } from "./unpack";

interface Order {
  readonly run: (context: TaskContext) => Promise<void>;
  readonly leave: (context: TaskContext, failure: ServiceFailure) => Promise<void>;
}

/** The exit code: 0 is success. */
export const runVerb = async (context: TaskContext, args: readonly string[]): Promise<number> => {
  const order = orderOf(args);
  if (order === undefined) {
    context.log.error("The command isn't one of this task's.", { args });
    return 2;
  }
  try {
    await order.run(context);
    return 0;
  } catch (error) {
    const failure = toFailure(error, context.signal);
    context.log.error(failure.message, {
      name: failure.code,
      retryable: failure.retryable,
      stack: failure.stack ?? "",
    });
    if (failure.code !== LEASE_LOST) await leaveQuietly(context, order, failure);
    return 1;
  }
};

const orderOf = ([verb, ...ids]: readonly string[]): Order | undefined => {
  const [a, b, c, d] = ids;
  if (ids.includes("")) return undefined;
  if (verb === "dump" && a !== undefined && b !== undefined && c !== undefined && ids.length === 3)
    return { run: (context) => dump(context, a, b, c), leave: inAttempt(c) };
  if (
    verb === "pack" &&
    a !== undefined &&
    b !== undefined &&
    c !== undefined &&
    d !== undefined &&
    /^\d+$/.test(d) &&
    ids.length === 4
  )
    return {
      run: (context) => pack(context, { environmentId: a, snapshotId: b, attemptId: c }, Number(d)),
      leave: inAttempt(c),
    };
  if (
    verb === "list" &&
    a !== undefined &&
    b !== undefined &&
    c !== undefined &&
    (d === "before" || d === "after") &&
    ids.length === 4
  )
    return {
      run: (context) => listFiles(context, { environmentId: a, snapshotId: b, attemptId: c }, d),
      leave: inAttempt(c),
    };
  if (verb === "unpack" && a !== undefined && b !== undefined && c !== undefined && d !== undefined && ids.length === 4)
    return {
      run: (context) => unpack(context, { environmentId: a, snapshotId: b, attemptId: c }, d),
      leave: inAttempt(c),
    };
  if (verb === "drill" && a !== undefined && b !== undefined && ids.length === 2)
    return { run: (context) => drill(context, a, b), leave: inDrill(a, b) };
  // The function that concludes the drill is told by Step Functions.
  if (verb === "drill-clear" && ids.length === 0) return { run: drillClear, leave: async () => undefined };
  if (a === undefined || ids.length !== 1) return undefined;
  if (verb === "probe") return { run: (context) => probe(context, a), leave: async () => undefined };
  // What keeps the database stands in the restore, which has completed whatever comes of this.
  if (verb === "drop-old") return { run: (context) => dropOld(context, a), leave: async () => undefined };
  if (verb === "archive") return { run: (context) => archive(context, a), leave: inArchive(a) };
  const ofRestore = { preflight, restore, swap, undo: undoRestore, "list-old": listOld, prove, settle };
  return verb !== undefined && Object.hasOwn(ofRestore, verb)
    ? { run: (context) => ofRestore[verb as keyof typeof ofRestore](context, a), leave: inRestore(a) }
    : undefined;
};

const inAttempt =
  (attemptId: string): Order["leave"] =>
  async ({ catalog }, { code, message }) =>
    catalog.updateAttempt(attemptId, { failure: { name: code, message } });

const inRestore =
  (restoreId: string): Order["leave"] =>
  async ({ catalog, clock }, { code, message }) =>
    catalog.updateRestore(restoreId, { failure: { name: code, message }, updatedAt: isoSeconds(clock.now()) });

const inDrill =
  (environmentId: string, drillId: string): Order["leave"] =>
  async ({ catalog, clock }, { code, message }) =>
    catalog.updateDrill(environmentId, drillId, {
      failure: { name: code, message },
      updatedAt: isoSeconds(clock.now()),
    });

/** Where the archive has ended meanwhile there is nothing to explain. */
const inArchive =
  (archiveId: string): Order["leave"] =>
  async ({ catalog, clock }, { code, message }) =>
    catalog.updateArchive(archiveId, { statusMessage: withAdvice(code, message), updatedAt: isoSeconds(clock.now()) }, [
      "running",
    ]);

const leaveQuietly = async (context: TaskContext, order: Order, failure: ServiceFailure): Promise<void> => {
  try {
    await order.leave(context, failure);
  } catch (error) {
    context.log.error("The failure can't be written to the catalog.", { error: String(error) });
  }
};

const toFailure = (error: unknown, signal: AbortSignal): ServiceFailure => {
  if (signal.aborted)
    return new ServiceFailure(
      "TaskStopped",
      "The database task was told to stop before it was done; start it again.",
      true,
      { cause: error },
    );
  if (error instanceof ServiceFailure) return error;
  // The store's words name the request and the bucket; whoever ends the attempt or restore adds what to do.
  if (error instanceof StorageError) return new ServiceFailure(error.name, error.message, true, { cause: error });
  const name = error instanceof Error ? error.name : "Error";
  const message = error instanceof Error ? error.message : String(error);
  return new ServiceFailure(name, `The database task failed unexpectedly: ${message}`, true, { cause: error });
};
