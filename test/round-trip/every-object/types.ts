/** Schemas, types of every kind, domains, collations, casts, conversions, operators and their classes, languages. */
export const typesSql = `
CREATE SCHEMA app AUTHORIZATION rt_app;
CREATE SCHEMA "Odd ""schema"" with a
new line, ünïcode and 63 bytes__________" AUTHORIZATION "rt ""odd"" röle";
CREATE SCHEMA "select";
COMMENT ON SCHEMA app IS 'the app''s own \\ schema';
GRANT USAGE ON SCHEMA app TO rt_reader WITH GRANT OPTION;
GRANT CREATE, USAGE ON SCHEMA "select" TO PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO rt_app, rt_reader;

CREATE COLLATION app.c_collation (provider = libc, locale = 'C');
CREATE COLLATION app.german (provider = icu, locale = 'de-u-co-phonebk');
CREATE COLLATION app.ignores_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER COLLATION app.german OWNER TO rt_app;
COMMENT ON COLLATION app.german IS 'as in the phone book';

CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'it''s "great"');
ALTER TYPE app.mood ADD VALUE 'so so' BEFORE 'ok';
ALTER TYPE app.mood OWNER TO rt_app;
REVOKE ALL ON TYPE app.mood FROM PUBLIC;
GRANT USAGE ON TYPE app.mood TO rt_reader;
CREATE TYPE app.empty_enum AS ENUM ();
CREATE TYPE app.pair AS (number int, word text COLLATE app.german);
COMMENT ON TYPE app.pair IS 'a number and a word';
COMMENT ON COLUMN app.pair.word IS 'the word';
CREATE TYPE app.no_attributes AS ();
CREATE TYPE app.text_range AS RANGE (subtype = text, collation = "C", multirange_type_name = app.text_ranges);
CREATE FUNCTION app.float_gap(double precision, double precision) RETURNS double precision
  LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE app.float_range AS RANGE (subtype = double precision, subtype_diff = app.float_gap);
CREATE DOMAIN app.positive AS numeric(12, 2) DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0);
ALTER DOMAIN app.positive ADD CONSTRAINT not_huge CHECK (VALUE < 1e9) NOT VALID;
COMMENT ON DOMAIN app.positive IS 'more than nothing';
COMMENT ON CONSTRAINT is_positive ON DOMAIN app.positive IS 'checked';
ALTER DOMAIN app.positive OWNER TO rt_app;
GRANT USAGE ON TYPE app.positive TO rt_reader WITH GRANT OPTION;
CREATE DOMAIN app.words AS text[] COLLATE "C";
CREATE DOMAIN app.small_positive AS app.positive CHECK (VALUE < 100);

CREATE TYPE app.shell;
COMMENT ON TYPE app.shell IS 'never made';
CREATE TYPE app.base;
CREATE FUNCTION app.base_in(cstring) RETURNS app.base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION app.base_out(app.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION app.base_modifier_in(cstring[]) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
CREATE FUNCTION app.base_modifier_out(int) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodout';
CREATE TYPE app.base (INPUT = app.base_in, OUTPUT = app.base_out, INTERNALLENGTH = 4, PASSEDBYVALUE,
  ALIGNMENT = int4, TYPMOD_IN = app.base_modifier_in, TYPMOD_OUT = app.base_modifier_out, CATEGORY = 'x',
  PREFERRED = true, DEFAULT = '42', DELIMITER = ';');
ALTER TYPE app.base OWNER TO rt_app;
COMMENT ON TYPE app.base IS 'four bytes';

CREATE FUNCTION app.base_equal(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION app.base_different(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4ne';
CREATE FUNCTION app.base_less(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION app.base_at_most(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4le';
CREATE FUNCTION app.base_at_least(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4ge';
CREATE FUNCTION app.base_greater(app.base, app.base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4gt';
CREATE FUNCTION app.base_compare(app.base, app.base) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE OPERATOR app.= (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_equal,
  COMMUTATOR = OPERATOR(app.=), NEGATOR = OPERATOR(app.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR app.<> (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_different,
  NEGATOR = OPERATOR(app.=));
CREATE OPERATOR app.< (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_less, RESTRICT = scalarltsel);
CREATE OPERATOR app.<= (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_at_most);
CREATE OPERATOR app.>= (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_at_least);
CREATE OPERATOR app.> (LEFTARG = app.base, RIGHTARG = app.base, FUNCTION = app.base_greater,
  COMMUTATOR = OPERATOR(app.<));
CREATE OPERATOR app.!! (RIGHTARG = app.base, FUNCTION = app.base_out);
CREATE OPERATOR app.<<>> (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne, NEGATOR = OPERATOR(app.<<=>>));
ALTER OPERATOR app.= (app.base, app.base) OWNER TO rt_app;
COMMENT ON OPERATOR app.= (app.base, app.base) IS 'the same';
COMMENT ON OPERATOR app.!! (NONE, app.base) IS 'a prefix';
CREATE OPERATOR FAMILY app.base_family USING btree;
CREATE OPERATOR CLASS app.base_class DEFAULT FOR TYPE app.base USING btree FAMILY app.base_family AS
  OPERATOR 1 app.<, OPERATOR 2 app.<=, OPERATOR 3 app.=, OPERATOR 4 app.>=, OPERATOR 5 app.>,
  FUNCTION 1 app.base_compare(app.base, app.base);
ALTER OPERATOR FAMILY app.base_family USING btree ADD FUNCTION 4 (app.base, app.base) btequalimage(oid);
ALTER OPERATOR CLASS app.base_class USING btree OWNER TO rt_app;
ALTER OPERATOR FAMILY app.base_family USING btree OWNER TO rt_app;
COMMENT ON OPERATOR CLASS app.base_class USING btree IS 'sorts';
COMMENT ON OPERATOR FAMILY app.base_family USING btree IS 'a family';
CREATE OPERATOR FAMILY app.lonely USING hash;
CREATE OPERATOR CLASS app.by_storage FOR TYPE int USING gist AS STORAGE int, OPERATOR 1 = (int, int),
  FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal), FUNCTION 2 gist_box_union(internal, internal),
  FUNCTION 3 gist_point_compress(internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);

CREATE FUNCTION app.pair_of(int) RETURNS app.pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, $1::text)::app.pair';
CREATE CAST (int AS app.pair) WITH FUNCTION app.pair_of(int) AS ASSIGNMENT;
CREATE CAST (app.base AS int) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (app.pair AS jsonb) WITH INOUT;
COMMENT ON CAST (int AS app.pair) IS 'a pair of it';
CREATE CONVERSION app.latin1 FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION app.latin1_default FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
ALTER CONVERSION app.latin1 OWNER TO rt_app;
COMMENT ON CONVERSION app.latin1 IS 'of old';
CREATE FUNCTION app.call_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION app.inline_handler(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION app.validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE app_language HANDLER app.call_handler INLINE app.inline_handler VALIDATOR app.validator;
CREATE LANGUAGE closed_language HANDLER app.call_handler;
ALTER LANGUAGE app_language OWNER TO rt_app;
REVOKE USAGE ON LANGUAGE app_language FROM PUBLIC;
GRANT USAGE ON LANGUAGE app_language TO rt_admin;
COMMENT ON LANGUAGE app_language IS 'plpgsql by another name';
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
COMMENT ON TRANSFORM FOR int LANGUAGE sql IS 'of the tests of PostgreSQL';
CREATE ACCESS METHOD second_gist TYPE INDEX HANDLER gisthandler;
CREATE ACCESS METHOD second_heap TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD second_heap IS 'the same heap';
`;
