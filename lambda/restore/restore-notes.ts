/** What a completed restore could not put back as it was, from all its parts, by code. Pure. */
import type { Finding, RestoreItem } from "../catalog/items";
import { leftSentence } from "./file-counts";

export const RESTORE_NOTES = ["FilesLeft", "NoOldFiles"] as const satisfies readonly string[];

/** For a sentence among others. */
export const withCode = ({ code, message }: Finding): string => `${message} [${code}]`;

export const notesOf = ({ database }: Pick<RestoreItem, "database">): readonly Finding[] => [
  ...(database?.notes ?? []),
  ...(database?.left === undefined ? [] : [{ code: "FilesLeft", message: leftSentence(database.left) }]),
  ...(database?.noOldFiles === undefined ? [] : [{ code: "NoOldFiles", message: database.noOldFiles }]),
];
