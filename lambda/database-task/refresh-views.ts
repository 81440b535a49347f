/**
 * Fills the materialized views that were filled when the dump was made, each as its owner and under the database's own
 * settings: pg_restore would do it under an empty search path, where a view over a query in a text fails. One that fails
 * even so stays unfilled, which is noted with the reason.
 */
import type { Client } from "pg";
import type { FillNotes } from "../dump/fill-notes";
import type { TocEntry } from "../dump/toc";
import { asTheApp, type AppSessions } from "./as-the-app";
import { errorMessage, isServersTrouble } from "./connection-errors";
import { dumpTexts } from "./dump-texts";

export interface UnfilledView {
  readonly name: string;
  readonly owner: string;
  readonly refresh: string;
}

/** `owner`: of the database, for those that are nobody's. */
export const readViews = async (
  client: Client,
  settings: readonly TocEntry[],
  views: readonly TocEntry[],
  owner: string,
): Promise<readonly UnfilledView[]> => {
  const read: UnfilledView[] = [];
  for (const { definition = "", namespace = "", tag = "", owner: of = "" } of views) {
    const [refresh = "", schema = "", name = "", its = ""] = await dumpTexts(client, settings, [
      definition,
      namespace,
      tag,
      of,
    ]);
    read.push({ name: `${schema}.${name}`, owner: its === "" ? owner : its, refresh });
  }
  return read;
};

/** `views`: each behind those that it reads. Throws where the connection breaks. */
export const refreshViews = async (
  sessions: AppSessions,
  views: readonly UnfilledView[],
  notes: FillNotes,
): Promise<void> => {
  for (const { name, owner, refresh } of views)
    await asTheApp(sessions, owner, async (client) => {
      try {
        await client.query(refresh);
      } catch (error) {
        if (isServersTrouble(error)) throw error;
        notes.unfilledViews.add(`${name}: ${errorMessage(error)}`);
      }
    });
};
