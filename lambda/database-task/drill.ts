/**
 * `drill`: restores a snapshot's database into a scratch database at the drill target, as a restore does, reads all of
 * it, asks it for its files, and drops it. What is wrong with the snapshot is recorded in the drill; what is wrong with
 * the target is a failure. Whatever happens the database is dropped; if the task is killed before that, `drill-clear`
 * or the next drill drops it. No environment's own database is connected to.
 */
import type { Client } from "pg";
import { isoSeconds } from "../catalog/catalog";
import type { DrillItem } from "../catalog/drills";
import type { Finding } from "../catalog/items";
import { fromReplicaSentence } from "../drill/check-files";
import { isOfTheSnapshot, openDrill, record, secondsBetween, withProblems } from "../drill/drill-state";
import { openDump } from "../dump/edit-head";
import type { Toc } from "../dump/toc";
import { readDump } from "../pack/dump-segment";
import { compareNamed } from "../restore/closure";
import { openSnapshot, type OpenSnapshot } from "../restore/open-snapshot";
import type { Copy } from "../restore/snapshot-reader";
import { indexLines } from "../restore/stored-lines";
import { ServiceFailure } from "../runtime/collaborators";
import { type DatabaseEntry, dumpOf, isRecoveryPoint, type Manifest } from "../snapshot/manifest";
import { withConnection } from "./connection";
import { createBeside, dropDatabase } from "./database-beside";
import type { DatabaseLogin } from "./database-login";
import type { DatabaseRow } from "./database-row";
import { drillDatabase } from "./drill-names";
import { dropDrillDatabases, openDrillTarget } from "./drill-target";
import { toolsFor } from "./dump-tools";
import { fillDatabase } from "./fill-database";
import { withTargetLocked } from "./maintenance";
import { settingsOf, takeSettings } from "./own-settings";
import { readTables } from "./read-tables";
import { referencedFiles } from "./reference-query";
import { missingOfDump } from "./tables-of-dump";
import type { TaskContext } from "./task-context";

interface Drilling extends OpenSnapshot {
  readonly context: TaskContext;
  readonly client: Client;
  readonly login: DatabaseLogin;
}

export const drill = async (context: TaskContext, environmentId: string, drillId: string): Promise<void> => {
  const { catalog, settings } = context;
  const opened = await openDrill(context, environmentId, drillId);
  const login = await openDrillTarget(context, opened.leaseToken, drillDatabase(settings.PRIMARY_BUCKET, drillId));
  await withTargetLocked(context, login, async (client) => {
    await dropDrillDatabases(context, client, login);
    try {
      await drillDatabaseOf(context, opened, client, login);
    } finally {
      await dropDatabase(context, client, login.database, login).catch((error: unknown) =>
        context.log.error("The drill's database could not be dropped; it is dropped later.", { error: String(error) }),
      );
    }
    await dropDrillDatabases(context, client, login);
  });
  await catalog.updateDrillState(opened.leaseToken, { databaseClear: true });
};

const drillDatabaseOf = async (
  context: TaskContext,
  opened: DrillItem & { readonly snapshotId: string },
  client: Client,
  login: DatabaseLogin,
): Promise<void> => {
  let standing: DrillItem = opened;
  const note = async (change: Partial<DrillItem>): Promise<void> => {
    standing = await record(context, standing, change);
  };
  try {
    const place = { sourceEnvironmentId: opened.environmentId, snapshotId: opened.snapshotId };
    const drilling = { context, client, login, ...(await openSnapshot(context, place)) };
    if (isRecoveryPoint(drilling.manifest.database)) return await note({ notDrilled: RECOVERY_POINT });
    const { result: filled, measured: database } = await timed(context, () => restoreDatabase(drilling));
    await note({ seconds: { ...standing.seconds, database }, notes: filled.notes });
    await withConnection(login, { statementSeconds: 0 }, async (scratch) => {
      const { result: read, measured: tables } = await timed(context, () => readTables(scratch, login));
      const { problems, ...counts } = read;
      const missing = await missingOfDump(scratch, filled.toc, counts.largeObjects, login);
      await note({
        database: counts,
        seconds: { ...standing.seconds, tables },
        ...withProblems(standing, [...problems, ...missing]),
      });
      // The query is asked as the app's database would be, whose search path it may need.
      const settings = dumpOf(drilling.manifest).properties?.settings ?? [];
      const own = settingsOf(settings, login.user);
      await takeSettings(scratch, own);
      const { result: closure, measured } = await timed(context, () =>
        lookAtClosure(drilling, scratch, standing.query, own.get("search_path")),
      );
      const { problems: unlike, ...found } = closure;
      await note({
        closure: found,
        seconds: { ...standing.seconds, closure: measured },
        ...withProblems(standing, [...unlike, ...fromReplica(drilling)]),
      });
    });
  } catch (error) {
    if (!isOfTheSnapshot(error)) throw error;
    await note({ ...withProblems(standing, [error.message]) });
  }
};

/** Restoring one makes an instance for hours: that is a restore's price, and not a drill's. */
const RECOVERY_POINT =
  "The database was not drilled, because it is a recovery point of AWS Backup: restore one into an environment of your own from time to time.";

const timed = async <T>(
  { clock }: TaskContext,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly measured: number }> => {
  const from = isoSeconds(clock.now());
  const result = await work();
  return { result, measured: secondsBetween(from, clock.now()) };
};

/** From the primary bucket, else the replica: after a copy that proves damaged the database is made anew. */
const restoreDatabase = async ({ context, client, login, reader, manifest }: Drilling): Promise<FilledDatabase> => {
  const dump = dumpOf(manifest);
  const tools = await toolsFor(context, client, dump);
  await requireFurniture(client, dump);
  return reader.read(dump, async (copy) => {
    await dropDatabase(context, client, login.database, login);
    await createScratch(context, client, dump, login);
    const order = { tools, login, database: login.database, settings: dump.properties?.settings ?? [] };
    return { notes: [...(await fillDatabase(copy, dump, order, context.signal))], toc: await headOf(copy, dump) };
  });
};

interface FilledDatabase {
  readonly notes: Finding[];
  readonly toc: Toc;
}

const headOf = async ({ store, ref }: Copy, dump: DatabaseEntry): Promise<Toc> => {
  const { toc, data } = await openDump(
    readDump(store, ref.bucket, { ...dump, key: ref.key, versionId: ref.versionId }),
  );
  await data.return(undefined);
  return toc;
};

/** What a dump expects of its server. Throws DrillTargetLacks. */
const requireFurniture = async (client: Client, { extensions, policyRoles }: DatabaseEntry): Promise<void> => {
  const { rows } = await client.query<{ what: string; name: string }>(
    `SELECT 'extension' AS what, name FROM unnest($1::text[]) AS name
      WHERE name NOT IN (SELECT e.name FROM pg_catalog.pg_available_extensions e)
      UNION ALL SELECT 'role', name FROM unnest($2::text[]) AS name
      WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles) AND name <> 'public'`,
    [extensions.map(({ name }) => name), policyRoles],
  );
  if (rows.length === 0) return;
  const lacking = rows.map(({ what, name }) => `the ${what} "${name}"`).join(", ");
  throw new ServiceFailure(
    "DrillTargetLacks",
    `The drill target's server lacks ${lacking}, which the snapshot's database needs; create it there.`,
    false,
  );
};

/** With the locale of the source where the server has it: else with bytes' own order, which any server has. */
const createScratch = async (
  { log }: TaskContext,
  client: Client,
  dump: DatabaseEntry,
  login: DatabaseLogin,
): Promise<void> => {
  const { collate, ctype } = dump;
  if (collate !== "" && ctype !== "") {
    try {
      await createBeside(client, login.database, modelOf(dump, login, collate, ctype), login);
      return;
    } catch (error) {
      if (!(error instanceof ServiceFailure) || error.code !== "DatabaseFailed") throw error;
      log.warn("The drill target does not have the source's locale; C is taken.", { collate, reason: error.message });
    }
  }
  await createBeside(client, login.database, modelOf(dump, login, "C", "C"), login);
};

const modelOf = (
  { encoding }: DatabaseEntry,
  { user }: DatabaseLogin,
  collate: string,
  ctype: string,
): DatabaseRow => ({
  oid: 0,
  owner: user,
  encoding: encoding === "" ? "UTF8" : encoding,
  tablespace: "pg_default",
  comment: null,
  columns: { datcollate: collate, datctype: ctype, datconnlimit: -1, datistemplate: false },
  grants: null,
  settings: [],
});

interface ClosureFound {
  readonly proven: boolean;
  readonly reason: string | null;
  readonly named: number;
  readonly problems: readonly string[];
}

const lookAtClosure = async (
  { reader, manifest, login }: Drilling,
  scratch: Client,
  query: string | null,
  path: string | undefined,
): Promise<ClosureFound> => {
  const reason = unprovable(manifest, query);
  if (reason !== null || query === null) return { proven: false, reason, named: 0, problems: [] };
  const problems: string[] = [];
  const count = { lacking: 0, surplus: 0 };
  await scratch.query("BEGIN READ ONLY");
  const named = await compareNamed(
    referencedFiles(scratch, query, login, path),
    indexLines(reader, manifest.files.index, null),
    {
      lacking: (key) => {
        if (++count.lacking === 1)
          problems.push(`The database names the file ${JSON.stringify(key)}, and the snapshot's index doesn't.`);
      },
      surplus: (key) => {
        if (++count.surplus === 1)
          problems.push(`The snapshot holds the file ${JSON.stringify(key)}, and its database doesn't name it.`);
      },
    },
  );
  await scratch.query("COMMIT");
  if (count.lacking > 1) problems.push(`${count.lacking} files in all are named and not indexed.`);
  if (count.surplus > 1) problems.push(`${count.surplus} files in all are held and not named.`);
  return { proven: problems.length === 0, reason: problems.length === 0 ? null : "they differ", named, problems };
};

/** Rest of a sentence; null where it can be looked at. */
const unprovable = ({ consistency }: Manifest, query: string | null): string | null => {
  if (consistency === "listing") return "its files are those that the bucket held, whatever the database names";
  if (consistency === "uploaded") return "it was uploaded: its files are those of the archive";
  return query === null ? "the reference query of then is not known" : null;
};

const fromReplica = ({ reader }: Drilling): readonly string[] =>
  [...reader.fromReplica].map(([key, reason]) => fromReplicaSentence(key, reason));
