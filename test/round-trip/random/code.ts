/** Functions, views, triggers, rules and policies upon the tables of a random database. */
import { literal } from "../../../lambda/database-task/sql-text";
import { type Dice, oddText } from "./dice";
import type { MadeTable } from "./tables";

export interface MadeObject {
  /** As ALTER … OWNER, GRANT and COMMENT name it. */
  readonly object: string;
  readonly sql: readonly string[];
  /** Privileges of its kind; none: it has no grants. */
  readonly privileges: readonly string[];
  readonly hasOwner: boolean;
}

export const randomFunction = (dice: Dice, schema: string, isOrdinary: boolean): MadeObject => {
  const name = `${schema}.${dice.name("f")}`;
  const how = [
    ...dice.some(["SECURITY DEFINER", "STABLE", "PARALLEL SAFE", "STRICT", "COST 3"], 30),
    ...dice.some(
      [
        "SET search_path = pg_catalog",
        "SET work_mem = '3MB'",
        "SET datestyle = 'ISO, DMY'",
        ...(isOrdinary ? [] : ["SET \"my.own\" = 'a, b'"]),
      ],
      20,
    ),
  ].join(" ");
  return dice.one<() => MadeObject>([
    () => ({
      object: `FUNCTION ${name}(integer, text)`,
      sql: [
        `CREATE FUNCTION ${name}(a integer, b text DEFAULT ${literal(oddText(dice))}) RETURNS text LANGUAGE sql ${how} AS ${literal(`SELECT ${literal(oddText(dice))} || $2`)}`,
      ],
      privileges: ["EXECUTE"],
      hasOwner: true,
    }),
    () => ({
      object: `FUNCTION ${name}(integer)`,
      sql: [
        `CREATE FUNCTION ${name}(a integer) RETURNS TABLE (x int, y text) LANGUAGE plpgsql ${how} AS ${literal(`BEGIN RETURN QUERY SELECT a, ${literal(oddText(dice))}; END`)}`,
      ],
      privileges: ["EXECUTE"],
      hasOwner: true,
    }),
    () => ({
      object: `FUNCTION ${name}(numeric, numeric)`,
      sql: [
        `CREATE FUNCTION ${name}(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT a + b; END`,
      ],
      privileges: ["EXECUTE"],
      hasOwner: true,
    }),
    () => ({
      object: `PROCEDURE ${name}(integer)`,
      sql: [
        `CREATE PROCEDURE ${name}(INOUT a integer) LANGUAGE plpgsql AS ${literal("BEGIN a := a + 1; COMMIT; END")}`,
      ],
      privileges: ["EXECUTE"],
      hasOwner: true,
    }),
    () => ({
      object: `FUNCTION ${name}(integer)`,
      sql: [`CREATE AGGREGATE ${name}(integer) (SFUNC = int4larger, STYPE = integer, INITCOND = '3')`],
      privileges: ["EXECUTE"],
      hasOwner: true,
    }),
  ])();
};

export const randomView = (dice: Dice, schema: string, { name, columns }: MadeTable): MadeObject => {
  const view = `${schema}.${dice.name("view")}`;
  const select = `SELECT id, ${columns.map((column) => column.name).join(", ")}, ${literal(oddText(dice))}::text AS words FROM ${name} WHERE id > ${dice.number(5)}`;
  const privileges = ["SELECT", "INSERT", "UPDATE", "TRIGGER"];
  return dice.one<() => MadeObject>([
    () => ({
      object: `VIEW ${view}`,
      sql: [
        `CREATE VIEW ${view}${dice.one(["", " WITH (security_barrier)", " WITH (security_invoker = on)"])} AS ${select}`,
      ],
      privileges,
      hasOwner: true,
    }),
    () => ({
      object: `VIEW ${view}`,
      sql: [
        `CREATE VIEW ${view} AS SELECT count(*) AS c, id % 3 AS g FROM ${name} GROUP BY 2 HAVING count(*) > 1 ORDER BY 2 DESC`,
      ],
      privileges,
      hasOwner: true,
    }),
    () => ({
      object: `MATERIALIZED VIEW ${view}`,
      sql: [
        `CREATE MATERIALIZED VIEW ${view} AS ${select}${dice.chance(25) ? " WITH NO DATA" : ""}`,
        ...dice.some([`CREATE INDEX ${dice.name("ix")} ON ${view} (id)`]),
      ],
      privileges: ["SELECT"],
      // Another owner may perhaps not read the table.
      hasOwner: dice.chance(25),
    }),
  ])();
};

/** On a table; `schema` gets the trigger's function. */
export const randomTriggers = (dice: Dice, schema: string, { name, columns }: MadeTable): string[] => {
  if (!dice.chance(30)) return [];
  const call = `${schema}.${dice.name("tf")}`;
  const trigger = dice.name("tr");
  const first = columns[0]?.name ?? "id";
  return [
    `CREATE FUNCTION ${call}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(new, old); END'`,
    `CREATE TRIGGER ${trigger} ${dice.one([`BEFORE UPDATE OF ${first}`, "AFTER INSERT OR DELETE", "BEFORE DELETE"])} ON ${name} FOR EACH ROW EXECUTE FUNCTION ${call}(${literal(oddText(dice))})`,
    ...(dice.chance(40)
      ? [`ALTER TABLE ${name} ${dice.one(["DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"])} TRIGGER ${trigger}`]
      : []),
    ...(dice.chance(30)
      ? [`CREATE RULE ${dice.name("rule")} AS ON DELETE TO ${name} WHERE old.id < 0 DO INSTEAD NOTHING`]
      : []),
  ];
};

export const randomPolicies = (
  dice: Dice,
  { name }: MadeTable,
  roles: readonly string[],
  isOrdinary: boolean,
): string[] => {
  if (!dice.chance(25)) return [];
  const to = dice.chance(60) ? ` TO ${[...new Set([dice.one(roles), dice.one(roles)])].join(", ")}` : "";
  return [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    // Nobody but a superuser could back it up.
    ...(!isOrdinary && dice.chance(50) ? [`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`] : []),
    `CREATE POLICY ${dice.name("policy")} ON ${name} AS ${dice.one(["PERMISSIVE", "RESTRICTIVE"])} FOR ${dice.one(["ALL", "SELECT", "DELETE"])}${to} USING (id > 3 OR current_user = ${literal(oddText(dice))})`,
  ];
};
