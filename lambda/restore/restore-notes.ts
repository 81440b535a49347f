/** What a completed restore could not put back as it was, from all its parts, by code. Pure. */
import type { Finding, RestoreItem } from "../catalog/items";
import { leftSentence } from "./file-counts";

export const RESTORE_NOTES = [
  "ConstraintsNotValidated",
  "ExtensionOwnersDiffer",
  "ExtensionVersionsDiffer",
  "FilesLeft",
  "FunctionsClosed",
  "GrantsLeftOut",
  "GrantsRefused",
  "NoOldFiles",
  "OldDatabaseLeft",
  "OwnersReplaced",
  "StatisticsMissing",
  "TablespacesReplaced",
  "UserMappingsLeftOut",
  "ViewsUnfilled",
] as const;
export type RestoreNoteCode = (typeof RESTORE_NOTES)[number];

/** For a sentence among others. */
export const withCode = ({ code, message }: Finding): string => `${message} [${code}]`;

interface RestoreNote extends Finding {
  readonly code: RestoreNoteCode;
}

export const notesOf = ({ database }: Pick<RestoreItem, "database">): readonly Finding[] => {
  const { notes = [], analyzed, left, noOldFiles, oldLeft } = database ?? {};
  const others: (RestoreNote | false)[] = [
    left !== undefined && { code: "FilesLeft", message: leftSentence(left) },
    noOldFiles !== undefined && { code: "NoOldFiles", message: noOldFiles },
    analyzed === false && { code: "StatisticsMissing", message: NOT_ANALYZED },
    typeof oldLeft === "object" &&
      oldLeft !== null && {
        code: "OldDatabaseLeft",
        message: `The old database still stands: ${oldLeft.reason} It is tried again.`,
      },
  ];
  return [...notes, ...others.filter((note) => note !== false)];
};
const NOT_ANALYZED =
  "The restored database's statistics could not be gathered, so it may be slow until the server's own maintenance has: run ANALYZE to have them at once.";
