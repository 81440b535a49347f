/**
 * What a dump makes after the rows: indexes, constraints, triggers. A CHECK constraint that pg_dump wrote apart, as of
 * whole rows, would be asked of all rows as the login: it is made NOT VALID, for its owner to validate.
 */
import type { Client } from "pg";
import { nameOf } from "../dump/sql-words";
import type { TocEntry } from "../dump/toc";
import { dumpTexts } from "./dump-texts";
import type { HeldConstraint } from "./held-constraints";
import { makeTwice } from "./make-twice";
import type { RestoreRun } from "./restore-run";

/** Gives the entries of the constraints that are to be validated. */
export const makeAfterData = async (
  run: RestoreRun,
  entries: readonly TocEntry[],
  path: string,
): Promise<readonly TocEntry[]> => {
  await makeTwice(
    run,
    entries.map((entry) => (isChecked(entry) ? notValid(entry) : entry)),
    path,
  );
  return entries.filter(isChecked);
};

/** As they stand, with who owns them now. */
export const madeApart = async (
  client: Client,
  { settings }: Pick<RestoreRun, "settings">,
  entries: readonly TocEntry[],
): Promise<readonly HeldConstraint[]> => {
  const texts = await dumpTexts(
    client,
    settings,
    entries.map(({ definition = "" }) => definition),
  );
  const made: HeldConstraint[] = [];
  for (const text of texts) {
    const [, kind = "", named = "", name = "", definition = ""] = APART.exec(text) ?? [];
    const { rows } = await client.query<{ owner: string }>(OWNER_OF[kind] ?? "", [named]);
    const { owner = "" } = rows[0] ?? {};
    made.push({ place: `${kind} ${named}`, owner, name: nameOf(name), definition, comment: null });
  }
  return made;
};

const NAME = '(?:"(?:[^"]|"")*"|[^\\s".]+)';
/** Of a foreign table no rows are asked. */
const APART = new RegExp(
  `^ALTER (TABLE|DOMAIN) (?:ONLY )?(${NAME}\\.${NAME})\\n +ADD CONSTRAINT (${NAME}) (.*?);\\s*$`,
  "s",
);
const OWNER_OF: Readonly<Record<string, string>> = {
  TABLE:
    "SELECT pg_catalog.pg_get_userbyid(relowner) AS owner FROM pg_catalog.pg_class WHERE oid = $1::pg_catalog.regclass",
  DOMAIN:
    "SELECT pg_catalog.pg_get_userbyid(typowner) AS owner FROM pg_catalog.pg_type WHERE oid = $1::pg_catalog.regtype",
};

const isChecked = ({ kind, definition = "" }: TocEntry): boolean =>
  kind === "CHECK CONSTRAINT" && APART.test(definition) && !/ NOT VALID;\s*$/.test(definition);

const notValid = (entry: TocEntry): TocEntry => ({
  ...entry,
  definition: (entry.definition ?? "").replace(/;\s*$/, " NOT VALID;\n"),
});
