/**
 * A random mixture of objects, as SQL: the same for the same seed. `ordinary` leaves out what only a superuser may make,
 * so that the master of a managed server can back it up and restore it. It grows with every fault that is found.
 */
import { literal } from "../../lambda/database-task/sql-text";
import { randomFunction, randomPolicies, randomTriggers, randomView, type MadeObject } from "./random/code";
import { BASE_TYPES } from "./random/columns";
import { Dice, oddText } from "./random/dice";
import { RANDOM_ROLES, randomDefaults, randomRights } from "./random/rights";
import { type MadeTable, randomTable } from "./random/tables";
import { randomTypes } from "./random/types";

/** Who backs up and restores where no superuser does: as the master of a managed server. */
export const MASTER = { user: "fuzz_master", password: "master" };
export const randomRoles = [
  `CREATE ROLE ${MASTER.user} LOGIN CREATEDB CREATEROLE PASSWORD '${MASTER.password}'`,
  // Else it couldn't back up what owners have closed to themselves.
  `GRANT pg_read_all_data TO ${MASTER.user}`,
  ...RANDOM_ROLES.flatMap((role) => [`CREATE ROLE ${role}`, `GRANT ${role} TO ${MASTER.user}`]),
].join("; ");

export interface RandomDatabase {
  readonly isOrdinary: boolean;
  /** Quoted names. */
  readonly owner: string;
  readonly statements: readonly string[];
}

const TABLE_RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

export const randomDatabase = (seed: number): RandomDatabase => {
  const dice = new Dice(seed);
  const isOrdinary = dice.chance(50);
  const schemas = ["public", ...Array.from({ length: 1 + dice.number(2) }, () => dice.name("schema"))];
  const statements: string[] = [
    ...schemas.slice(1).map((schema) => `CREATE SCHEMA ${schema}`),
    ...schemas.map((schema) => `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${RANDOM_ROLES.join(", ")}`),
  ];
  const objects: MadeObject[] = [];
  const keep = (object: MadeObject): void => {
    statements.push(...object.sql);
    objects.push(object);
  };
  for (const extension of dice.some(EXTENSIONS, 20))
    statements.push(`CREATE EXTENSION ${extension} SCHEMA ${dice.one(schemas)}`);
  const types = schemas.flatMap((schema) => randomTypes(dice, schema));
  for (const type of types) keep({ object: type.object, sql: type.sql, privileges: ["USAGE"], hasOwner: true });
  for (const schema of schemas)
    for (const made of dice.times(3, () => randomFunction(dice, schema, isOrdinary))) keep(made);
  const tables: MadeTable[] = [];
  for (const schema of schemas)
    for (let count = 1 + dice.number(4); count > 0; count--) {
      const table = randomTable(dice, schema, [...BASE_TYPES, ...types, ...types], tables);
      tables.push(table);
      keep({ object: `TABLE ${table.name}`, sql: table.sql, privileges: TABLE_RIGHTS, hasOwner: true });
      for (const child of table.children)
        objects.push({ object: `TABLE ${child}`, sql: [], privileges: TABLE_RIGHTS, hasOwner: true });
    }
  for (const schema of schemas)
    for (const made of dice.times(2, () => randomView(dice, schema, dice.one(tables)))) keep(made);
  for (const table of tables) {
    statements.push(
      ...randomTriggers(dice, dice.one(schemas), table),
      ...randomPolicies(dice, table, RANDOM_ROLES, isOrdinary),
    );
    if (dice.chance(20))
      statements.push(
        `GRANT SELECT (${dice.one(table.columns).name}), UPDATE (id) ON ${table.name} TO ${dice.one(RANDOM_ROLES)}`,
      );
    if (dice.chance(20))
      statements.push(`COMMENT ON COLUMN ${table.name}.${dice.one(table.columns).name} IS ${literal(oddText(dice))}`);
  }
  for (const schema of schemas)
    for (const sequence of dice.times(2, () => `${schema}.${dice.name("seq")}`))
      keep({
        object: `SEQUENCE ${sequence}`,
        sql: [
          `CREATE SEQUENCE ${sequence} ${dice.one(["", "AS smallint CYCLE", "INCREMENT -2 MAXVALUE 50", "CACHE 9 MINVALUE -3"])}`,
          ...dice.some([`SELECT nextval(${literal(sequence)})`]),
        ],
        privileges: ["USAGE", "SELECT", "UPDATE"],
        hasOwner: true,
      });
  for (let number = dice.number(4); number > 0; number--) {
    const object = 9000 + number;
    keep({
      object: `LARGE OBJECT ${object}`,
      sql: [`SELECT lo_from_bytea(${object}, decode(repeat(md5('${object}'), ${dice.number(3000)}), 'hex'))`],
      privileges: ["SELECT", "UPDATE"],
      hasOwner: true,
    });
  }
  if (dice.chance(30)) {
    const some = dice
      .some(
        tables.filter(({ isUnlogged }) => !isUnlogged),
        40,
      )
      .map(({ name }) => name);
    keep({
      object: `PUBLICATION ${dice.name("pub")}`,
      sql: [],
      privileges: [],
      hasOwner: false,
    });
    const name = objects.at(-1)?.object ?? "";
    statements.push(
      `CREATE ${name} ${some.length === 0 ? "" : `FOR TABLE ${some.join(", ")}`} WITH (publish = 'insert')`,
    );
  }
  for (const schema of schemas.slice(1))
    objects.push({ object: `SCHEMA ${schema}`, sql: [], privileges: ["USAGE", "CREATE"], hasOwner: true });
  for (const object of objects) statements.push(...randomRights(dice, object));
  statements.push(...randomDefaults(dice, schemas));
  if (dice.chance(40))
    statements.push(
      "REVOKE ALL ON SCHEMA public FROM PUBLIC",
      `GRANT USAGE ON SCHEMA public TO ${dice.one(RANDOM_ROLES)}`,
    );
  // What a role has given on stands, though it may no longer come near.
  for (const schema of dice.some(schemas, 20))
    statements.push(`REVOKE ALL ON SCHEMA ${schema} FROM ${dice.one(RANDOM_ROLES)} CASCADE`);
  if (!isOrdinary) statements.push(...dice.some(FOR_SUPERUSERS, 30));
  statements.push(REFRESH_VIEWS);
  return { isOrdinary, owner: isOrdinary ? MASTER.user : dice.one(RANDOM_ROLES), statements };
};

/** Those that PostgreSQL trusts: any owner of a database may make them. */
const EXTENSIONS = ["hstore", "citext", "pg_trgm", "btree_gist", "ltree", "cube"];

/** A restore computes them anew, so they are compared as their owners see them when all rights are given. */
const REFRESH_VIEWS = `DO $$ DECLARE made regclass; BEGIN
    FOR made IN SELECT oid FROM pg_class WHERE relkind = 'm' AND relispopulated ORDER BY oid LOOP
      BEGIN EXECUTE 'REFRESH MATERIALIZED VIEW ' || made::text;
      EXCEPTION WHEN OTHERS THEN EXECUTE 'REFRESH MATERIALIZED VIEW ' || made::text || ' WITH NO DATA'; END;
    END LOOP;
  END $$`;

const FOR_SUPERUSERS = [
  "CREATE PUBLICATION fuzz_all FOR ALL TABLES",
  "CREATE FUNCTION public.fuzz_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER fuzz_end ON ddl_command_end EXECUTE FUNCTION public.fuzz_event()",
  "CREATE FOREIGN DATA WRAPPER fuzz_wrapper; CREATE SERVER fuzz_server FOREIGN DATA WRAPPER fuzz_wrapper OPTIONS (a 'b'); CREATE FOREIGN TABLE public.fuzz_far (a int) SERVER fuzz_server; CREATE USER MAPPING FOR fuzz_a SERVER fuzz_server OPTIONS (user 'x')",
  "CREATE FUNCTION public.fuzz_c(int, int) RETURNS int LANGUAGE internal IMMUTABLE AS 'int4pl'; REVOKE ALL ON FUNCTION public.fuzz_c(int, int) FROM PUBLIC",
  "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC; GRANT EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) TO fuzz_b",
  "CREATE EXTENSION pg_stat_statements SCHEMA public; GRANT EXECUTE ON FUNCTION public.pg_stat_statements_reset(oid, oid, bigint) TO fuzz_a",
];
