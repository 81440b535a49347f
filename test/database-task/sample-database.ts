/** A database with everything that a dump has to carry, and a fingerprint to compare two of them by. */
import type { PostgresServer } from "../support/postgres";

/** Roles belong to the server, not to a database: made once for each server. */
export const createRoles = async (server: PostgresServer): Promise<void> => {
  await server.query(
    "postgres",
    `
    CREATE ROLE app_owner LOGIN PASSWORD 'owner password' CREATEDB;
    CREATE ROLE "App Reader" LOGIN PASSWORD 'reader';
    CREATE ROLE stranger LOGIN PASSWORD 'stranger';`,
  );
};
export const OWNER = { user: "app_owner", password: "owner password" };

/** Sorts as people do, not by bytes, so that byte order is nobody's default. */
const LANGUAGE_ORDER = "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
export const createSample = async (server: PostgresServer, name: string, files = 50): Promise<void> => {
  await server.query("postgres", `CREATE DATABASE "${name}" OWNER app_owner TEMPLATE template0 ${LANGUAGE_ORDER}`);
  await server.query(
    name,
    `
    CREATE TABLE file (uuid text PRIMARY KEY, hascontents boolean NOT NULL DEFAULT true);
    CREATE TABLE customer (id bigserial PRIMARY KEY, name text NOT NULL, note text, photo bytea, at timestamptz DEFAULT '2026-01-01');
    CREATE TABLE "Order" (id int GENERATED ALWAYS AS IDENTITY, customer bigint REFERENCES customer ON DELETE CASCADE, amount numeric CHECK (amount >= 0));
    CREATE TABLE parted (id int, region text) PARTITION BY LIST (region);
    CREATE TABLE parted_eu PARTITION OF parted FOR VALUES IN ('eu');
    CREATE SEQUENCE ticket START 100 INCREMENT 7;
    CREATE INDEX customer_name ON customer (lower(name));
    CREATE VIEW spender AS SELECT customer, sum(amount) AS total FROM "Order" GROUP BY customer;
    CREATE MATERIALIZED VIEW spent AS SELECT count(*) AS orders FROM "Order";
    CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
    CREATE POLICY readers ON customer FOR SELECT TO "App Reader" USING (name <> 'secret');
    INSERT INTO file SELECT 'file-' || lpad(n::text, 6, '0') FROM generate_series(1, ${files}) n;
    INSERT INTO file VALUES ('not-taken', false), ('ä-umlaut', true), ('Z-upper', true), ('𝒳-astral', true), (E'\\uFFFD-bmp', true);
    INSERT INTO customer (name, note, photo) SELECT 'customer ' || n, repeat(md5(n::text), n * 20), decode(repeat(md5(n::text), n * 10), 'hex') FROM generate_series(1, 60) n;
    INSERT INTO "Order" (customer, amount) SELECT 1 + n % 60, n FROM generate_series(1, 500) n;
    REFRESH MATERIALIZED VIEW spent;
    INSERT INTO parted VALUES (1, 'eu');
    SELECT nextval('ticket'), nextval('ticket');
    SELECT lo_from_bytea(424242, decode(repeat('00ff10', 100000), 'hex'));`,
    undefined,
    OWNER,
  );
};

/** Every table row by row, sequences, large objects, policies and constraints, as one text. */
export const fingerprint = async (server: PostgresServer, name: string): Promise<string> => {
  const one = async (sql: string): Promise<unknown> => (await server.query(name, sql))[0]?.["v"];
  const rows = ["file", "customer", `"Order"`, "parted", "spender", "spent"].map(
    (table) =>
      `SELECT '${table.replaceAll('"', "")}' AS t, md5(string_agg(x::text, '|' ORDER BY x::text)) AS h FROM ${table} x`,
  );
  return JSON.stringify([
    await one(`SELECT json_agg(q ORDER BY t) AS v FROM (${rows.join(" UNION ALL ")}) q`),
    await one(
      "SELECT json_agg(json_build_array(sequencename, last_value) ORDER BY sequencename) AS v FROM pg_sequences",
    ),
    await one("SELECT json_agg(md5(lo_get(oid)) ORDER BY oid) AS v FROM pg_largeobject_metadata"),
    await one("SELECT json_agg(json_build_array(policyname, roles, qual) ORDER BY policyname) AS v FROM pg_policies"),
    await one(
      "SELECT json_agg(pg_get_constraintdef(oid) ORDER BY conname) AS v FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    ),
    await one("SELECT json_agg(indexdef ORDER BY indexdef) AS v FROM pg_indexes WHERE schemaname = 'public'"),
    await one(
      "SELECT json_agg(json_build_array(relname, pg_get_userbyid(relowner)) ORDER BY relname) AS v FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    ),
    await one("SELECT twice(21) AS v"),
  ]);
};
