/** What a completed restore could not put back as it was, from all its parts, by code. Pure. */
import type { Finding, RestoreItem } from "../catalog/items";

export const RESTORE_NOTES = [] as const satisfies readonly string[];

export const notesOf = ({ database }: Pick<RestoreItem, "database">): readonly Finding[] => database?.notes ?? [];
