/** The roles that an entry of a dump's table of contents names inside its definition, as pg_dump writes it. Pure. */
import { rolesOfPolicy } from "../upload/policy-roles";
import { nameOf, wordsOf } from "./sql-words";
import { textOf, type TocEntry } from "./toc";

export const rolesNamedBy = ({ kind, definition = "" }: TocEntry): string[] => {
  switch (kind) {
    case "ACL":
    case "DEFAULT ACL":
      return rolesOfGrants(textOf(definition));
    case "POLICY":
      return rolesOfPolicy(textOf(definition));
    case "USER MAPPING":
      return rolesOfMapping(wordsOf(textOf(definition)));
    case "DATABASE PROPERTIES":
      return rolesWithSettings(textOf(definition));
    default:
      return [];
  }
};

/**
 * Who is granted or refused something, and who granted it: `GRANT … TO role [WITH GRANT OPTION]`, `REVOKE … FROM role`,
 * `SET SESSION AUTHORIZATION grantor`, and `ALTER DEFAULT PRIVILEGES FOR ROLE role …` before the former two.
 */
export const rolesOfGrants = (definition: string): string[] =>
  statementsOf(definition).flatMap((words) => {
    if (words[0] === "SET") return after(words, words.indexOf("AUTHORIZATION"));
    const receiver = after(words, Math.max(words.lastIndexOf("TO"), words.lastIndexOf("FROM")));
    return words[0] === "ALTER" ? [...after(words, words.indexOf("ROLE")), ...receiver] : receiver;
  });

/** `ALTER ROLE role IN DATABASE name SET …`. */
const rolesWithSettings = (definition: string): string[] =>
  statementsOf(definition).flatMap((words) =>
    words[0] === "ALTER" && words[1] === "ROLE" && words[3] === "IN" ? after(words, 1) : [],
  );

/** `CREATE USER MAPPING FOR role SERVER …`. */
const rolesOfMapping = (words: readonly string[]): string[] => after(words, words.indexOf("FOR"));

const statementsOf = (definition: string): string[][] => {
  const statements: string[][] = [[]];
  for (const word of wordsOf(definition)) {
    if (word === ";") statements.push([]);
    else statements.at(-1)?.push(word);
  }
  return statements.filter(({ length }) => length > 0);
};

/** The role that the word behind this place names. PUBLIC is none, in either spelling; no role can have its name. */
const after = (words: readonly string[], place: number): string[] => {
  const word = place < 0 ? undefined : words[place + 1];
  return word === undefined || /^public$/i.test(word) ? [] : [nameOf(word)];
};
