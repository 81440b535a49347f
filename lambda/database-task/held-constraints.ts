/**
 * CHECK constraints, of tables and domains, that may judge a row otherwise than when it was written: they call functions
 * that look at the time, at settings or at other rows. They are taken off before the rows come and put back afterwards,
 * validated as the app would see it, else NOT VALID. Others stay where they are, and cost nothing.
 */
import type { Client } from "pg";
import type { FillNotes } from "../dump/fill-notes";
import { errorMessage, isServersTrouble } from "./connection-errors";
import { identifier, literal } from "./sql-text";

export interface HeldConstraint {
  /** `TABLE public.documents` or `DOMAIN public.colour`, quoted. */
  readonly place: string;
  readonly owner: string;
  readonly name: string;
  readonly definition: string;
  readonly comment: string | null;
}

/**
 * Expressions stand in the catalogs as trees that name each function and operator by its OID. Immutable ones in C depend
 * on nothing else, and neither do the server's own.
 */
const DEPENDS = (tree: string): string => `(
  ${tree} ~ '\\{(?:SQLVALUEFUNCTION|COERCEVIAIO|COERCETODOMAIN) ' OR EXISTS (
    SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE (p.provolatile <> 'i' OR l.lanname NOT IN ('internal', 'c') AND p.pronamespace <> 'pg_catalog'::regnamespace)
       AND (p.oid::text IN (SELECT m[1] FROM regexp_matches(${tree}, ':(?:opfuncid|funcid) (\\d+)', 'g') m)
         OR p.oid IN (SELECT o.oprcode FROM pg_catalog.pg_operator o
                       WHERE o.oid::text IN (SELECT m[1] FROM regexp_matches(${tree}, ':opno (\\d+)', 'g') m)))))`;

/** Columns that are computed, and rows that are sorted into partitions, by functions that may depend on a search path. */
export const computesByPath = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_attrdef d
              JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
             WHERE a.attgenerated <> '' AND ${DEPENDS("d.adbin::text")})
         OR EXISTS (SELECT FROM pg_catalog.pg_partitioned_table t WHERE ${DEPENDS("t.partexprs::text")}) AS found`,
  );
  return rows[0]?.found === true;
};

/** Takes them off; in this order they are put back: a parent table's first, which brings its children's along. */
export const holdConstraints = async (client: Client): Promise<readonly HeldConstraint[]> => {
  const held: HeldConstraint[] = [];
  for (;;) {
    const { rows } = await client.query<HeldConstraint>(
      `SELECT CASE WHEN c.contypid = 0 THEN 'TABLE ' || c.conrelid::regclass ELSE 'DOMAIN ' || c.contypid::regtype END AS place,
              pg_catalog.pg_get_userbyid(coalesce(r.relowner, t.typowner)) AS owner, c.conname AS name,
              pg_catalog.pg_get_constraintdef(c.oid) AS definition,
              pg_catalog.obj_description(c.oid, 'pg_constraint') AS comment
         FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
         LEFT JOIN pg_catalog.pg_type t ON t.oid = c.contypid
        WHERE c.contype = 'c' AND c.coninhcount = 0 AND c.connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND coalesce(r.relkind, 'd') <> 'f'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'e' AND d.objid IN (r.oid, t.oid))
          AND ${DEPENDS("c.conbin::text")} ORDER BY c.oid`,
    );
    if (rows.length === 0) return held;
    for (const { place, name } of rows) await client.query(`ALTER ${place} DROP CONSTRAINT ${identifier(name)}`);
    held.push(...rows);
  }
};

/** The definitions are read under the path that wrote them, the empty one. */
export const putBack = async (client: Client, held: readonly HeldConstraint[]): Promise<void> => {
  for (const { place, name, definition, comment } of held) {
    const notValid = definition.endsWith(" NOT VALID") ? "" : " NOT VALID";
    await client.query(`ALTER ${place} ADD CONSTRAINT ${identifier(name)} ${definition}${notValid}`);
    if (comment !== null)
      await client.query(
        `COMMENT ON CONSTRAINT ${identifier(name)} ON ${place.replace(/^TABLE /, "")} IS ${literal(comment)}`,
      );
  }
};

/** `client`: a session that works as the app would. One that doesn't pass stays NOT VALID, and is noted with the reason. */
export const validate = async (
  client: Client,
  { place, name, definition }: HeldConstraint,
  notes: FillNotes,
): Promise<void> => {
  if (definition.endsWith(" NOT VALID")) return;
  try {
    await client.query(`ALTER ${place} VALIDATE CONSTRAINT ${identifier(name)}`);
  } catch (error) {
    if (isServersTrouble(error)) throw error;
    notes.notValidated.add(`${name} of ${place.replace(/^(?:TABLE|DOMAIN) /, "")}: ${errorMessage(error)}`);
  }
};
