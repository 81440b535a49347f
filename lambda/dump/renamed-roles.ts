/** Definitions that name roles, with the names that these have at a target. Pure; names are byte strings, as in `toc.ts`. */
import { identifier } from "../database-task/sql-text";
import type { FillNotes } from "./fill-notes";
import { nameOf } from "./sql-words";
import type { RoleMapping } from "./target-roles";
import { textOf, type TocEntry } from "./toc";

const NAME = '(?:"(?:[^"]|"")*"|[^\\s",.]+)';
/** Behind the policy's and its table's names, which may be any words. */
const POLICY_ROLES = new RegExp(
  `^(CREATE POLICY ${NAME} ON ${NAME}(?:\\.${NAME})?(?: AS \\w+)?(?: FOR \\w+)? TO )(${NAME}(?:, ${NAME})*)`,
);
const NAMES = new RegExp(NAME, "g");

/** A policy is for the roles that stand for those of the dump; one that the target lacks is refused by the plan. */
export const policyFor = (entry: TocEntry, { grantee }: RoleMapping): TocEntry => ({
  ...entry,
  definition: (entry.definition ?? "").replace(
    POLICY_ROLES,
    (_, before: string, roles: string) => before + roles.replaceAll(NAMES, (word) => renamed(word, grantee)),
  ),
});

const renamed = (word: string, grantee: RoleMapping["grantee"]): string => {
  const role = nameOf(word);
  const now = role === "PUBLIC" ? null : grantee(role);
  return now === null || now === role ? word : identifier(now);
};

/** None where the target lacks the role. */
export const userMappingFor = (entry: TocEntry, mapping: RoleMapping, notes: FillNotes): TocEntry[] => {
  const { definition = "" } = entry;
  const [, word = ""] = /^CREATE USER MAPPING FOR ("(?:[^"]|"")*"|\S+) SERVER /.exec(definition) ?? [];
  if (word === "" || word.toLowerCase() === "public") return [entry];
  const role = mapping.grantee(nameOf(word));
  if (role !== null) return [{ ...entry, definition: definition.replace(word, () => identifier(role)) }];
  notes.userMappings.add(textOf(nameOf(word)));
  return [];
};
