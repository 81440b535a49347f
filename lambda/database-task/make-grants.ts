/**
 * Makes a dump's grants, statement by statement. One that the server refuses gives somebody less than before, which is
 * noted; a right that can't be taken away would give somebody more, so the restore fails for it. The server says either
 * as an error, or as a warning that pg_restore would pass over.
 */
import type { Client } from "pg";
import type { FillNotes } from "../dump/fill-notes";
import type { TocEntry } from "../dump/toc";
import { errorMessage, isServersTrouble } from "./connection-errors";
import { dumpTexts } from "./dump-texts";

/** SQLSTATEs: a privilege was not granted, not revoked, all or part of it. */
const REFUSED = new Set(["01007", "01006"]);

/** `fail`: the failure that the server's words are. Throws it, and what the connection throws. */
export const makeGrants = async (
  client: Client,
  settings: readonly TocEntry[],
  grants: readonly TocEntry[],
  notes: FillNotes,
  { fail, signal }: { readonly fail: (words: string) => Error; readonly signal: AbortSignal },
): Promise<void> => {
  let refused: string | undefined;
  client.on("notice", ({ code, message }) => {
    if (REFUSED.has(code ?? "")) refused = message;
  });
  const statements = await dumpTexts(
    client,
    settings,
    grants.map(({ definition = "" }) => definition),
  );
  for (const statement of statements) {
    signal.throwIfAborted();
    refused = undefined;
    try {
      await client.query(statement);
    } catch (error) {
      if (isServersTrouble(error)) throw error;
      refused = errorMessage(error);
    }
    if (refused === undefined) continue;
    if (takesAway(statement)) throw fail(refused);
    notes.refusedGrants.add(
      `${statement
        .trim()
        .replaceAll(/;?\s*\n\s*|;$/g, " ")
        .trim()} (${refused})`,
    );
  }
};

const takesAway = (statement: string): boolean => /\bREVOKE\b/.test(statement.replaceAll(/"(?:[^"]|"")*"/g, ""));
