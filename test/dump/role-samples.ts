/** Databases in which roles stand wherever a dump can name one: one by hand, and any number by a seeded generator. */
import { seeded } from "../pack/support";

/** Names that read like SQL. */
export const ROLES = [
  "app",
  "reader",
  "App, owner",
  "from",
  "gr;antee",
  "pol;icy",
  "map ped",
  'quo"ted',
  "TO public",
  "ext reader",
  "dbset",
  "db con",
  "größe",
] as const;
const id = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const createRoles = ROLES.map((name) => `CREATE ROLE ${id(name)}`).join(";");

export const RICH = `
CREATE SCHEMA "Sales, to" AUTHORIZATION "App, owner"; GRANT USAGE ON SCHEMA "Sales, to" TO reader WITH GRANT OPTION;
REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE, USAGE ON SCHEMA public TO app, "App, owner";
SET ROLE app;
CREATE TABLE documents(id serial primary key, "to" text, secret text); INSERT INTO documents("to") VALUES ('o1');
GRANT SELECT ON documents TO reader WITH GRANT OPTION; GRANT UPDATE ("to") ON documents TO "from";
SET ROLE reader; GRANT SELECT ON public.documents TO "gr;antee"; RESET ROLE; SET ROLE app;
CREATE FUNCTION wipe("from" int DEFAULT 3, "TO" text DEFAULT ' TO evil; GRANT x TO y') RETURNS void
  LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM public.documents';
REVOKE ALL ON FUNCTION wipe(int, text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION wipe(int, text) TO reader;
CREATE PROCEDURE proc() LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON PROCEDURE proc() FROM PUBLIC;
CREATE TYPE mood AS ENUM ('a', 'b'); REVOKE USAGE ON TYPE mood FROM PUBLIC; GRANT USAGE ON TYPE mood TO reader;
CREATE DOMAIN positive AS int CHECK (value > 0); GRANT USAGE ON DOMAIN positive TO "from";
CREATE SEQUENCE tickets; GRANT USAGE ON SEQUENCE tickets TO "größe";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON documents FOR SELECT TO reader, "pol;icy" USING (true);
CREATE VIEW v AS SELECT id FROM documents; GRANT SELECT ON v TO PUBLIC;
SELECT lo_from_bytea(4242, 'abc'); GRANT SELECT ON LARGE OBJECT 4242 TO reader;
COMMENT ON TABLE documents IS 'x'; RESET ROLE;
GRANT ALL ON LANGUAGE plpgsql TO app;
CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO app;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; GRANT USAGE ON FOREIGN SERVER far TO reader; ALTER SERVER far OWNER TO app;
CREATE USER MAPPING FOR "map ped" SERVER far OPTIONS (user 'x'); CREATE USER MAPPING FOR PUBLIC SERVER far;
CREATE FOREIGN TABLE ft (a int) SERVER far; ALTER TABLE ft OWNER TO app;
CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION one FOR TABLE documents;
CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION y WITH (connect = false);
CREATE FUNCTION evt() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION evt();
CREATE EXTENSION pg_trgm; CREATE EXTENSION pg_stat_statements;
REVOKE ALL ON pg_stat_statements FROM PUBLIC; GRANT SELECT ON pg_stat_statements TO "ext reader";
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a; ALTER MATERIALIZED VIEW mv OWNER TO app;
CREATE TABLE "Sales, to".t2(a int); ALTER TABLE "Sales, to".t2 OWNER TO "App, owner";
CREATE COLLATION coll FROM "C"; ALTER COLLATION coll OWNER TO app;
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple); ALTER TEXT SEARCH DICTIONARY d OWNER TO app;
CREATE STATISTICS st ON id, secret FROM documents; ALTER STATISTICS st OWNER TO 'quo"ted';
`.replace(`'quo"ted'`, id('quo"ted'));

const KINDS = [
  (name: string) => [`CREATE TABLE ${name} (a int, "to" text)`, `TABLE ${name}`, "SELECT, INSERT", `TABLE ${name}`],
  (name: string) => [`CREATE TABLE ${name} (a int, "to" text)`, `TABLE ${name}`, `UPDATE ("to")`, `TABLE ${name}`],
  (name: string) => [`CREATE VIEW ${name} AS SELECT 1 AS a`, `VIEW ${name}`, "SELECT", `TABLE ${name}`],
  (name: string) => [`CREATE SEQUENCE ${name}`, `SEQUENCE ${name}`, "USAGE", `SEQUENCE ${name}`],
  (name: string) => [`CREATE TYPE ${name} AS (a int)`, `TYPE ${name}`, "USAGE", `TYPE ${name}`],
  (name: string) => [`CREATE DOMAIN ${name} AS text`, `DOMAIN ${name}`, "USAGE", `DOMAIN ${name}`],
  (name: string) => [`CREATE SCHEMA ${name}`, `SCHEMA ${name}`, "CREATE", `SCHEMA ${name}`],
  (name: string) => [
    `CREATE FUNCTION ${name}("FROM" text DEFAULT 'TO x;') RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
    `FUNCTION ${name}`,
    "EXECUTE",
    `FUNCTION ${name}`,
  ],
] as const;

/** SQL for a database of about a dozen objects with random owners, grants, grantors and default privileges. */
export const randomOwned = (seed: number): string => {
  const next = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const role = (): string => id(pick(ROLES));
  const statements: string[] = [];
  for (let number = 0; number < 12; number++) {
    const name = id(pick(["x", "GRANT", "a;b", 'q"q', "to from"]) + number);
    const [create, altered, right, granted] = pick(KINDS)(name) as [string, string, string, string];
    const owner = role();
    statements.push(create, `ALTER ${altered} OWNER TO ${owner}`);
    if (next() < 0.4) statements.push(`REVOKE ALL ON ${granted} FROM PUBLIC`);
    if (next() < 0.3) statements.push(`REVOKE ALL ON ${granted} FROM ${owner}`);
    for (let grants = Math.floor(next() * 3); grants > 0; grants--) {
      const middle = role();
      statements.push(`GRANT ${right} ON ${granted} TO ${middle} WITH GRANT OPTION`);
      if (next() < 0.5)
        statements.push(`SET ROLE ${middle}`, `GRANT ${right} ON ${granted} TO ${role()}`, "RESET ROLE");
    }
    if (next() < 0.3)
      statements.push(
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${role()} ${pick(["", "IN SCHEMA public"])} GRANT ${pick(["SELECT ON TABLES", "EXECUTE ON FUNCTIONS", "USAGE ON TYPES"])} TO ${role()}`,
      );
  }
  statements.push(
    "CREATE TABLE secured (a int)",
    "ALTER TABLE secured ENABLE ROW LEVEL SECURITY",
    `CREATE POLICY ${id("ON x TO")} ON secured AS RESTRICTIVE FOR UPDATE TO ${role()}, ${role()} USING (a > 0)`,
  );
  return statements.join(";\n");
};
