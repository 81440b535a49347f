/**
 * Fills the materialized views that were filled when the dump was made, each as its owner and under the database's own
 * settings: pg_restore would do it under an empty search path, where a view over a query in a text fails. One that fails
 * even so stays unfilled, which is noted with the reason.
 */
import type { FillNotes } from "../dump/fill-notes";
import { textOf, type TocEntry } from "../dump/toc";
import { asTheApp, type AppSessions } from "./as-the-app";
import { errorMessage, isConnectionLost } from "./connection-errors";

/** `views`: each behind those that it reads. Throws where the connection breaks. */
export const refreshViews = async (
  sessions: AppSessions,
  views: readonly TocEntry[],
  owner: string,
  notes: FillNotes,
): Promise<void> => {
  for (const { definition = "", namespace = "", tag = "", owner: of = "" } of views)
    await asTheApp(sessions, of === "" ? owner : textOf(of), async (client) => {
      try {
        await client.query(textOf(definition));
      } catch (error) {
        if (isConnectionLost(error)) throw error;
        notes.unfilledViews.add(`${textOf(namespace)}.${textOf(tag)}: ${errorMessage(error)}`);
      }
    });
};
