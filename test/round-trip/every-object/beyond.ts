/** Extensions, foreign data, publications, subscriptions, text search, large objects, default privileges, the database. */
export const beyondSql = `
CREATE EXTENSION hstore WITH SCHEMA app;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION pg_stat_statements;
COMMENT ON EXTENSION citext IS 'said otherwise';
GRANT EXECUTE ON FUNCTION pg_stat_statements_reset(oid, oid, bigint) TO rt_admin;
REVOKE EXECUTE ON FUNCTION app.hstore(record) FROM PUBLIC;
REVOKE SELECT ON pg_stat_statements FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_authid TO rt_admin;
GRANT SELECT (setconfig) ON pg_catalog.pg_db_role_setting TO rt_admin;
CREATE TABLE app.of_extensions (h app.hstore, c public.citext UNIQUE);
INSERT INTO app.of_extensions VALUES ('a=>1, b=>NULL', 'Case');
CREATE INDEX by_trigram ON app.documents USING gin (body gin_trgm_ops);
CREATE FUNCTION app.needs_hstore() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION app.needs_hstore() DEPENDS ON EXTENSION hstore;
ALTER INDEX app.by_gin DEPENDS ON EXTENSION pg_trgm;
ALTER TRIGGER truncated ON app.with_key DEPENDS ON EXTENSION hstore;
ALTER MATERIALIZED VIEW app.unfilled DEPENDS ON EXTENSION citext;

CREATE FOREIGN DATA WRAPPER dummy OPTIONS (debug 'it''s', "odd name" '2');
CREATE FOREIGN DATA WRAPPER handled HANDLER postgres_fdw_handler VALIDATOR postgres_fdw_validator;
COMMENT ON FOREIGN DATA WRAPPER dummy IS 'does nothing';
GRANT USAGE ON FOREIGN DATA WRAPPER dummy TO rt_app WITH GRANT OPTION;
CREATE SERVER elsewhere TYPE 'some' VERSION '1.0' FOREIGN DATA WRAPPER dummy OPTIONS (host 'nowhere');
ALTER SERVER elsewhere OWNER TO rt_app;
GRANT USAGE ON FOREIGN SERVER elsewhere TO rt_reader;
COMMENT ON SERVER elsewhere IS 'not here';
CREATE USER MAPPING FOR rt_reader SERVER elsewhere OPTIONS (user 'me', password 'it''s "secret"');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere;
CREATE FOREIGN TABLE app.far (a int OPTIONS (name 'A') NOT NULL, b text COLLATE "C" DEFAULT 'x', CHECK (a > 0)) SERVER elsewhere OPTIONS ("table" 'it''s');
GRANT SELECT ON app.far TO rt_reader;
COMMENT ON FOREIGN TABLE app.far IS 'far away';
CREATE TABLE app.partly_far (a int) PARTITION BY LIST (a);
CREATE FOREIGN TABLE app.far_part PARTITION OF app.partly_far FOR VALUES IN (77) SERVER elsewhere;

SET client_min_messages = error;
CREATE PUBLICATION all_tables FOR ALL TABLES WITH (publish = 'insert, delete');
CREATE PUBLICATION of_some FOR TABLE app.everything (id, mood), app.by_range WHERE (id > 3 AND body IS NOT NULL), ONLY app.parent WITH (publish_via_partition_root = true);
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA "select", TABLE app.documents;
CREATE PUBLICATION nothing;
ALTER PUBLICATION of_some OWNER TO rt_owner;
COMMENT ON PUBLICATION of_some IS 'in part';
CREATE SUBSCRIPTION following CONNECTION 'host=nowhere dbname=''its own''' PUBLICATION a, "b c" WITH (connect = false, slot_name = NONE, binary = true, streaming = true, synchronous_commit = off, two_phase = true, disable_on_error = true);
COMMENT ON SUBSCRIPTION following IS 'behind';
RESET client_min_messages;

CREATE TABLE app.files (key text PRIMARY KEY);

CREATE TEXT SEARCH PARSER app.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE app.template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY app.dictionary (TEMPLATE = pg_catalog.simple, stopwords = 'english', accept = false);
CREATE TEXT SEARCH CONFIGURATION app.configuration (PARSER = app.parser);
ALTER TEXT SEARCH CONFIGURATION app.configuration ADD MAPPING FOR asciiword, word WITH app.dictionary, english_stem;
CREATE TEXT SEARCH CONFIGURATION app.copied (COPY = pg_catalog.german);
ALTER TEXT SEARCH CONFIGURATION app.configuration OWNER TO rt_app;
ALTER TEXT SEARCH DICTIONARY app.dictionary OWNER TO rt_app;
COMMENT ON TEXT SEARCH PARSER app.parser IS 'parses';
COMMENT ON TEXT SEARCH TEMPLATE app.template IS 'a pattern';
COMMENT ON TEXT SEARCH DICTIONARY app.dictionary IS 'words';
COMMENT ON TEXT SEARCH CONFIGURATION app.configuration IS 'searches';
CREATE INDEX by_search ON app.documents USING gin (to_tsvector('app.copied', body));

SELECT lo_from_bytea(4711, '\\x00ff00'), lo_from_bytea(4712, convert_to(repeat('large ', 20000), 'UTF8')), lo_create(4713);
ALTER LARGE OBJECT 4711 OWNER TO rt_app;
GRANT SELECT, UPDATE ON LARGE OBJECT 4711 TO rt_reader WITH GRANT OPTION;
GRANT SELECT ON LARGE OBJECT 4712 TO PUBLIC;
COMMENT ON LARGE OBJECT 4711 IS 'three bytes';

ALTER DEFAULT PRIVILEGES FOR ROLE rt_app IN SCHEMA app GRANT SELECT ON TABLES TO rt_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE rt_app IN SCHEMA app GRANT USAGE ON SEQUENCES TO rt_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE rt_app REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE rt_app GRANT ALL ON TYPES TO "rt ""odd"" röle";
ALTER DEFAULT PRIVILEGES FOR ROLE rt_owner GRANT CREATE ON SCHEMAS TO rt_admin;
`;

/** What belongs to the database itself; run as a superuser in it. `name` is quoted. */
export const databaseSql = (name: string): string => `
ALTER DATABASE ${name} OWNER TO rt_owner;
ALTER DATABASE ${name} SET search_path = app, "select", public;
ALTER DATABASE ${name} SET work_mem = '7MB';
ALTER DATABASE ${name} SET default_text_search_config = 'pg_catalog.german';
ALTER DATABASE ${name} SET "app.setting" = 'it''s, "odd"';
ALTER DATABASE ${name} CONNECTION LIMIT 40;
ALTER ROLE rt_app IN DATABASE ${name} SET statement_timeout = '5min';
ALTER ROLE "rt ""odd"" röle" IN DATABASE ${name} SET datestyle = 'ISO, DMY';
COMMENT ON DATABASE ${name} IS 'all of it';
REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${name} TO rt_app, rt_reader WITH GRANT OPTION;
GRANT TEMPORARY, CREATE ON DATABASE ${name} TO rt_admin;
`;
