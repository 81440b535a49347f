/** Functions, procedures, aggregates, with everything that can be said about one. */
export const functionsSql = `
CREATE FUNCTION app.wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp AS 'SELECT NULL';
ALTER FUNCTION app.wipe() OWNER TO rt_app;
REVOKE ALL ON FUNCTION app.wipe() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.wipe() TO rt_admin WITH GRANT OPTION;
COMMENT ON FUNCTION app.wipe() IS 'closed to all others';
SET ROLE rt_admin;
GRANT EXECUTE ON FUNCTION app.wipe() TO rt_reader;
RESET ROLE;
CREATE FUNCTION app.everything(IN a int, INOUT b text DEFAULT 'it''s', OUT c numeric, VARIADIC d int[] DEFAULT '{1,2}')
  RETURNS record LANGUAGE plpgsql STABLE LEAKPROOF STRICT PARALLEL RESTRICTED COST 7
  SET work_mem = '5MB' SET datestyle = 'ISO, DMY' SET "app.setting" = 'x, y''z' SET search_path = app, "select", ''
  AS $body$ BEGIN b := b || $$quoted \\ $$; c := a; END $body$;
CREATE FUNCTION app.standard(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  BEGIN ATOMIC SELECT a + b; END;
CREATE FUNCTION app.short(a int) RETURNS int IMMUTABLE RETURN a * 2;
CREATE FUNCTION app.rows_of(n int) RETURNS TABLE (x int, y text) LANGUAGE sql ROWS 17 AS 'SELECT n, n::text';
CREATE FUNCTION app.set_of() RETURNS SETOF app.pair LANGUAGE sql AS 'SELECT NULL::app.pair';
CREATE FUNCTION app.any_of(anyelement, anycompatiblearray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION app.my_row_number() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION app.with_transform(int) RETURNS int TRANSFORM FOR TYPE int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION app.supported(text, text) RETURNS boolean LANGUAGE internal STRICT IMMUTABLE SUPPORT textlike_support AS 'textlike';
CREATE FUNCTION app.in_own_language() RETURNS int LANGUAGE app_language AS 'BEGIN RETURN 1; END';
CREATE FUNCTION app."odd "" name
of two lines"(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE PROCEDURE app.proceed(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := a + 1; COMMIT; END';
ALTER PROCEDURE app.proceed(int) OWNER TO rt_app;
REVOKE EXECUTE ON PROCEDURE app.proceed(int) FROM PUBLIC;
COMMENT ON PROCEDURE app.proceed(int) IS 'goes on';
CREATE AGGREGATE app.product(int) (SFUNC = int4mul, STYPE = int, INITCOND = '1', COMBINEFUNC = int4mul, PARALLEL = SAFE);
CREATE AGGREGATE app.moving(float8) (SFUNC = float8_accum, STYPE = float8[], FINALFUNC = float8_avg, INITCOND = '{0,0,0}',
  MSFUNC = float8pl, MINVFUNC = float8mi, MSTYPE = float8, MINITCOND = '0', FINALFUNC_MODIFY = READ_WRITE, SSPACE = 100);
CREATE AGGREGATE app.middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
  FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA = true);
CREATE AGGREGATE app.my_rank(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi,
  STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA = true, HYPOTHETICAL);
CREATE FUNCTION app.base_lesser(app.base, app.base) RETURNS app.base LANGUAGE internal IMMUTABLE STRICT AS 'int4smaller';
CREATE AGGREGATE app.smallest(app.base) (SFUNC = app.base_lesser, STYPE = app.base, SORTOP = OPERATOR(app.<));
ALTER AGGREGATE app.product(int) OWNER TO rt_app;
REVOKE EXECUTE ON FUNCTION app.product(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.product(int) TO rt_reader;
COMMENT ON AGGREGATE app.product(int) IS 'multiplies';
`;
