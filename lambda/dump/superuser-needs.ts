/** What in a dump only a superuser can make, in words, out of its table of contents. Pure. */
import { aclStatements } from "./acl-statements";
import { textOf, type TocEntry } from "./toc";

type Kind = {
  readonly one: string;
  readonly many: string;
  readonly applies: (definition: string, namespace: string) => boolean;
};
const always = (): boolean => true;
const kind = (one: string, many: string, applies: Kind["applies"] = always): Kind => ({ one, many, applies });

/** By pg_dump's own names of kinds; of one kind the first that applies. */
const KINDS: Readonly<Record<string, readonly Kind[]>> = {
  PUBLICATION: [
    kind("publication of all tables", "publications of all tables", (sql) => / FOR ALL TABLES\b/.test(sql)),
  ],
  "PUBLICATION TABLES IN SCHEMA": [
    kind("publication of all tables in a schema", "publications of all tables in schemas"),
  ],
  SUBSCRIPTION: [kind("subscription", "subscriptions")],
  "EVENT TRIGGER": [kind("event trigger", "event triggers")],
  "PROCEDURAL LANGUAGE": [kind("language", "languages")],
  "FOREIGN DATA WRAPPER": [kind("foreign data wrapper", "foreign data wrappers")],
  SERVER: [kind("foreign server", "foreign servers")],
  "ACCESS METHOD": [kind("access method", "access methods")],
  "OPERATOR CLASS": [kind("operator class", "operator classes")],
  "OPERATOR FAMILY": [kind("operator family", "operator families")],
  "TEXT SEARCH PARSER": [kind("text search parser", "text search parsers")],
  "TEXT SEARCH TEMPLATE": [kind("text search template", "text search templates")],
  TYPE: [kind("base type", "base types", (sql) => /^\s+INPUT = /m.test(sql))],
  CAST: [kind("cast without a function", "casts without a function", (sql) => / WITHOUT FUNCTION\b/.test(sql))],
  AGGREGATE: [
    kind("aggregate with internal state", "aggregates with internal state", (sql) =>
      /^\s+STYPE = internal\b/m.test(sql),
    ),
  ],
  FUNCTION: [
    kind("function in an untrusted language", "functions in untrusted languages", (sql) =>
      UNTRUSTED.test(traitsOf(sql)),
    ),
    kind("leakproof function", "leakproof functions", (sql) => /(?<!NOT) LEAKPROOF\b/.test(traitsOf(sql))),
    kind("function with planner support", "functions with planner support", (sql) => / SUPPORT /.test(traitsOf(sql))),
  ],
  ACL: [
    kind(
      "revocation of rights to the server's own",
      "revocations of rights to the server's own objects",
      (sql, namespace) => namespace === "pg_catalog" && aclStatements(sql).some(({ revokes }) => revokes),
    ),
  ],
  PROCEDURE: [
    kind("procedure in an untrusted language", "procedures in untrusted languages", (sql) =>
      UNTRUSTED.test(traitsOf(sql)),
    ),
  ],
};
const UNTRUSTED = /^ +LANGUAGE (c|internal|pl\w+u|"pl[^"]+u")(\s|$)/;
/** The line of a function that says its language and traits; its text comes after. */
export const traitsOf = (sql: string): string =>
  /^ {4}(?:TRANSFORM .*)?LANGUAGE .*$/m.exec(sql)?.[0].replace(/^.*?(?= LANGUAGE)/, "") ?? "";

/** Such as `the event trigger audit` or `3 leakproof functions, such as f(integer)`. */
export const superuserNeeds = (entries: readonly TocEntry[]): string[] => {
  const found = new Map<Kind, { count: number; readonly first: string }>();
  for (const { kind: name = "", definition = "", namespace = "", tag = "" } of entries) {
    const applying = KINDS[name]?.find(({ applies }) => applies(definition, namespace));
    if (applying === undefined) continue;
    const known = found.get(applying);
    if (known === undefined) found.set(applying, { count: 1, first: textOf(tag) });
    else known.count++;
  }
  return [...found].map(([{ one, many }, { count, first }]) =>
    count === 1 ? `the ${one} ${first}` : `${count} ${many}, such as ${first}`,
  );
};
