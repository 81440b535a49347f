/** What a completed restore could not put back as it was, from all its parts, by code. Pure. */
import type { Finding, RestoreItem } from "../catalog/items";

export const RESTORE_NOTES = [
  "ConstraintsNotValidated",
  "ExtensionOwnersDiffer",
  "ExtensionVersionsDiffer",
  "FunctionsClosed",
  "GrantsLeftOut",
  "GrantsRefused",
  "OwnersReplaced",
  "TablespacesReplaced",
  "UserMappingsLeftOut",
  "ViewsUnfilled",
] as const satisfies readonly string[];

export interface RestoreNote extends Finding {
  readonly code: (typeof RESTORE_NOTES)[number];
}

/** For a sentence among others. */
export const withCode = ({ code, message }: Finding): string => `${message} [${code}]`;

export const notesOf = ({ database }: Pick<RestoreItem, "database">): readonly Finding[] => database?.notes ?? [];
