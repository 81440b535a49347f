/**
 * The statements of an ACL entry of a dump, as pg_dump writes them: each GRANT or REVOKE with the roles it names. Pure;
 * texts are byte strings, as in `toc.ts`. A statement of another shape names no role, and is kept as it is.
 */
import { identifier } from "../database-task/sql-text";
import { nameOf, wordsOf } from "./sql-words";

export interface AclStatement {
  readonly text: string;
  readonly revokes: boolean;
  /** Who is given or loses something; undefined is PUBLIC, or a statement that names nobody. */
  readonly role: string | undefined;
  /** Whose default privileges they are. */
  readonly forRole: string | undefined;
  /** Whose grant it is, where that isn't the owner's: pg_dump brackets such statements by a change of the session's user. */
  readonly grantor: string | undefined;
}

/** Names and texts, in which a semicolon ends nothing. */
const QUOTED_OR_END = /"(?:[^"]|"")*"|'(?:[^']|'')*'|;/g;
const GRANTOR = /^SET SESSION AUTHORIZATION (.*)$/s;

export function aclStatements(definition: string): AclStatement[] {
  const found: AclStatement[] = [];
  let grantor: string | undefined;
  for (const text of statementsOf(definition)) {
    const [, session] = GRANTOR.exec(text) ?? [];
    if (session !== undefined) grantor = nameOf(session);
    else if (text === "RESET SESSION AUTHORIZATION") grantor = undefined;
    else found.push({ ...rolesOf(text), text, grantor });
  }
  return found;
}

/** Split at semicolons that end a statement, without them. */
export function statementsOf(definition: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const { 0: token, index } of definition.matchAll(QUOTED_OR_END)) {
    if (token !== ";") continue;
    statements.push(definition.slice(from, index).trim());
    from = index + 1;
  }
  return [...statements, definition.slice(from).trim()].filter((text) => text !== "");
}

const rolesOf = (text: string): Pick<AclStatement, "revokes" | "role" | "forRole"> => {
  const words = wordsOf(text);
  const defaults = words.slice(0, 5).join(" ") === "ALTER DEFAULT PRIVILEGES FOR ROLE";
  const revokes = words.includes("REVOKE");
  // The object's names are quoted where they could be taken for these words, and pg_dump names one role a statement.
  const at = words.lastIndexOf(revokes ? "FROM" : "TO") + 1;
  const word = at === 0 ? undefined : words[words[at] === "GROUP" ? at + 1 : at];
  return {
    revokes,
    role: word === undefined || word === "PUBLIC" ? undefined : nameOf(word),
    forRole: defaults ? nameOf(words[5] ?? "") : undefined,
  };
};

/** Every statement names its role once, behind its last TO or FROM. */
export const withRole = (text: string, role: string): string =>
  text.replace(
    /^(.*\b(?:TO|FROM) )(?:GROUP )?("(?:[^"]|"")*"|[^\s"]+)(| WITH GRANT OPTION)$/s,
    (_, before, __, after) => [before, identifier(role), after].join(""),
  );
