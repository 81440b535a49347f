/** Views, materialized views, rules, triggers, event triggers, row security. */
export const viewsSql = `
CREATE VIEW app.view AS SELECT id, body || $$ it's$$ AS words FROM app.documents WHERE id IN ('o1', 'o2');
CREATE VIEW app.barrier WITH (security_barrier = true, security_invoker = true) AS SELECT * FROM app.documents;
CREATE VIEW app.checked AS SELECT * FROM app.empty WHERE a > 0 WITH LOCAL CHECK OPTION;
CREATE VIEW app.cascaded AS SELECT * FROM app.checked WITH CASCADED CHECK OPTION;
CREATE RECURSIVE VIEW app.recursive (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM recursive WHERE n < 5;
ALTER VIEW app.view ALTER words SET DEFAULT 'none';
ALTER VIEW app.view OWNER TO rt_app;
GRANT SELECT (id) ON app.view TO rt_user;
COMMENT ON VIEW app.view IS 'sees';
COMMENT ON COLUMN app.view.words IS 'seen';
CREATE TABLE app.with_key (id int PRIMARY KEY, a text, b text);
CREATE VIEW app.by_key AS SELECT k.*, count(d.id) AS documents FROM app.with_key k LEFT JOIN app.documents d ON d.body = k.a GROUP BY k.id;
CREATE MATERIALIZED VIEW app.filled AS SELECT n, app.standard(n) AS more FROM generate_series(1, 10) n;
CREATE UNIQUE INDEX filled_n ON app.filled (n);
ALTER MATERIALIZED VIEW app.filled CLUSTER ON filled_n;
CREATE MATERIALIZED VIEW app.unfilled WITH (fillfactor = 60) AS SELECT * FROM app.filled WITH NO DATA;
CREATE MATERIALIZED VIEW app.on_another USING second_heap AS SELECT * FROM app.by_key;
ALTER MATERIALIZED VIEW app.filled OWNER TO rt_app;
GRANT SELECT ON app.filled TO rt_reader;
COMMENT ON MATERIALIZED VIEW app.filled IS 'kept';

CREATE RULE instead AS ON INSERT TO app.view DO INSTEAD INSERT INTO app.documents VALUES (new.id, new.words);
CREATE RULE also AS ON DELETE TO app.with_key WHERE old.id > 3 DO ALSO (DELETE FROM app.empty; DELETE FROM app.no_columns);
CREATE RULE told AS ON INSERT TO app.with_key DO ALSO NOTIFY gone, 'it''s';
CREATE RULE off AS ON UPDATE TO app.with_key DO INSTEAD NOTHING;
ALTER TABLE app.with_key DISABLE RULE off;
ALTER TABLE app.with_key ENABLE ALWAYS RULE also;
COMMENT ON RULE also ON app.with_key IS 'as well';

CREATE FUNCTION app.trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER plain BEFORE INSERT OR UPDATE OF a, b ON app.with_key FOR EACH ROW WHEN (new.a IS DISTINCT FROM 'x') EXECUTE FUNCTION app.trigger('it''s', 'two');
CREATE TRIGGER statement AFTER UPDATE ON app.with_key REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION app.trigger();
CREATE TRIGGER truncated BEFORE TRUNCATE ON app.with_key EXECUTE FUNCTION app.trigger();
CREATE CONSTRAINT TRIGGER constrained AFTER INSERT ON app.with_key FROM app.documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.trigger();
CREATE TRIGGER instead INSTEAD OF UPDATE ON app.by_key FOR EACH ROW EXECUTE FUNCTION app.trigger();
CREATE TRIGGER passed AFTER INSERT ON app.by_range FOR EACH ROW EXECUTE FUNCTION app.trigger();
ALTER TABLE app.with_key DISABLE TRIGGER plain;
ALTER TABLE app.with_key ENABLE REPLICA TRIGGER statement;
ALTER TABLE app.with_key ENABLE ALWAYS TRIGGER truncated;
ALTER TABLE app.by_range_1 DISABLE TRIGGER passed;
COMMENT ON TRIGGER plain ON app.with_key IS 'off';

CREATE FUNCTION app.on_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER at_end ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.on_event();
CREATE EVENT TRIGGER on_drop ON sql_drop EXECUTE FUNCTION app.on_event();
CREATE EVENT TRIGGER at_start ON ddl_command_start EXECUTE FUNCTION app.on_event();
ALTER EVENT TRIGGER on_drop DISABLE;
ALTER EVENT TRIGGER at_start ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER at_end IS 'at the end';

CREATE TABLE app.secured (owner text, a int);
INSERT INTO app.secured VALUES ('rt_user', 1), ('rt_app', 2);
ALTER TABLE app.secured OWNER TO rt_app;
ALTER TABLE app.secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON app.secured TO rt_user, PUBLIC;
CREATE POLICY own ON app.secured USING (owner = current_user) WITH CHECK (a > 0);
CREATE POLICY reading ON app.secured AS RESTRICTIVE FOR SELECT TO rt_user, "rt ""odd"" röle" USING (a < 10 AND EXISTS (SELECT FROM app.empty));
CREATE POLICY writing ON app.secured FOR INSERT TO PUBLIC WITH CHECK (true);
COMMENT ON POLICY own ON app.secured IS 'mine';
CREATE TABLE app.policies_off (a int);
CREATE POLICY waiting ON app.policies_off USING (false);
`;
