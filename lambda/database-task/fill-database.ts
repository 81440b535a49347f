/**
 * Streams a dump into a database with pg_restore: as the login, with all rights that it has, and with owners and grants
 * as in the dump where the target has the roles (`dump/for-target.ts`). It goes part by part, so that what depends on
 * settings, on the time or on rights is done apart, and what can't be kept is told rather than fatal. The dump is
 * verified to its last byte: a damaged one is ObjectDamaged even where pg_restore was content, or failed first. A failure
 * leaves a half-filled database, which only a restore's own name stands for.
 */
import type { Finding } from "../catalog/items";
import { openDump, type OpenedDump } from "../dump/edit-head";
import { forTarget } from "../dump/for-target";
import { noNotes, notesAsFindings } from "../dump/fill-notes";
import { TocUnreadable } from "../dump/toc";
import { readDump } from "../pack/dump-segment";
import type { Copy } from "../restore/snapshot-reader";
import { ServiceFailure } from "../runtime/collaborators";
import type { DatabaseEntry } from "../snapshot/manifest";
import { asTheApp } from "./as-the-app";
import type { Toolset } from "./client-programs";
import { withConnection } from "./connection";
import { statementFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";
import type { DatabaseSetting } from "./database-row";
import { madeApart, makeAfterData } from "./after-data";
import { dumpBytes } from "./dump-texts";
import { readFillTarget } from "./fill-target";
import { computesByPath, holdConstraints, putBack, validate } from "./held-constraints";
import { makeGrants } from "./make-grants";
import { makeTwice } from "./make-twice";
import { searchPathOf } from "./own-settings";
import { readViews, refreshViews } from "./refresh-views";
import { failureOf, type RestoreRun, runStrictly, underPath } from "./restore-run";

export interface FillOrder {
  readonly tools: Pick<Toolset, "restore">;
  readonly login: DatabaseLogin;
  readonly database: string;
  /** Of the live database: they are given to this one when it is filled. */
  readonly settings: readonly DatabaseSetting[];
}

/** What could not be made as it was. Throws the failures of `restoreFailure` and of connections; ObjectDamaged. */
export const fillDatabase = async (
  { store, ref }: Copy,
  dump: DatabaseEntry,
  { tools, login, database, settings }: FillOrder,
  signal: AbortSignal,
): Promise<readonly Finding[]> => {
  const read = (): AsyncGenerator<Uint8Array> =>
    readDump(store, ref.bucket, { ...dump, key: ref.key, versionId: ref.versionId });
  const { toc, data } = await openVerified(read);
  try {
    const notes = noNotes();
    const looking = <T>(work: (client: Parameters<typeof holdConstraints>[0]) => Promise<T>): Promise<T> =>
      withConnection(login, { database }, async (client) => {
        try {
          return await work(client);
        } catch (error) {
          throw statementFailure(error, `Looking at the restored database "${database}"`, login);
        }
      });
    const { target, owner, path } = await looking(async (client) => {
      const found = await readFillTarget(client, dump, toc.entries, notes);
      const own = await searchPathOf(client, settings, found.owner);
      return { ...found, path: (await dumpBytes(client, toc.entries, own)) ?? "" };
    });
    const parts = forTarget(toc.entries, target, notes);
    const run: RestoreRun = { tools, login, database, toc, settings: parts.settings, signal };

    await makeTwice(run, parts.definitions, path);
    const { held, needsPath } = await looking(async (client) => ({
      held: await holdConstraints(client),
      needsPath: await computesByPath(client),
    }));
    await runStrictly(needsPath ? underPath(run, path) : run, parts.data, data);
    const apart = await makeAfterData(run, parts.afterData, path);
    const fail = (words: string): Error => failureOf(run, words);
    const { views, checks } = await looking(async (client) => {
      await makeGrants(client, run.settings, parts.grants, notes, { fail, signal });
      await putBack(client, held);
      return {
        views: await readViews(client, run.settings, parts.views, owner),
        checks: [...held, ...(await madeApart(client, run, apart))],
      };
    });
    const sessions = { login, database, settings, signal };
    for (const constraint of checks)
      await asTheApp(sessions, constraint.owner, (client) => validate(client, constraint, notes));
    await refreshViews(sessions, views, notes);
    if (parts.eventTriggers.length > 0) await runStrictly(run, parts.eventTriggers);
    return notesAsFindings(notes);
  } catch (error) {
    // What failed before the last byte may be the damage's doing.
    if (!signal.aborted) await readToEnd(data);
    throw error;
  } finally {
    await data.return(undefined);
  }
};

/** A head that makes no sense is the damage's doing, where the bytes are not those that were stored. */
const openVerified = async (read: () => AsyncGenerator<Uint8Array>): Promise<OpenedDump> => {
  try {
    return await openDump(read());
  } catch (error) {
    if (!(error instanceof TocUnreadable)) throw error;
    await readToEnd(read());
    throw new ServiceFailure("RestoreFailed", `The snapshot can't be restored: ${error.message}.`, false, {
      cause: error,
    });
  }
};

const readToEnd = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  for await (const _ of bytes);
};
