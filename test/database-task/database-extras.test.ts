/** What a task does for, and says of, a database beside dumping and restoring it. */
import { gatherStatistics } from "../../lambda/database-task/gather-statistics";
import { readDatabaseFacts } from "../../lambda/database-task/database-facts";
import { judge } from "../../lambda/restore/plan-rules";
import { preflight } from "../restore/restore-fixture";
import { environment, sealSnapshot, TARGET } from "../restore/snapshot-fixture";
import { FakeLogger, fakeCollaborators } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE DATABASE plain");
  await server.query("postgres", "CREATE DATABASE custom");
});
afterAll(() => server.stop());

const login = () => ({
  host: server.host,
  port: server.port,
  database: "postgres",
  user: server.user,
  password: server.password,
  ssl: "disable" as const,
});
const factsOf = async (database: string) => {
  const client = await server.connect(database);
  try {
    return await readDatabaseFacts(client);
  } finally {
    await client.end();
  }
};

describe("statistics", () => {
  const context = () => ({ log: new FakeLogger(), signal: new AbortController().signal });
  const analyzed = async (): Promise<number> =>
    (await server.query("plain", "SELECT count(*)::int AS n FROM pg_stats WHERE tablename = 'thing'"))[0]?.[
      "n"
    ] as number;

  test("are gathered as the login", async () => {
    await server.query("plain", "CREATE TABLE thing AS SELECT generate_series(1, 100) AS id");
    expect(await analyzed()).toBe(0);
    expect(await gatherStatistics(context(), login(), "plain")).toBe(true);
    expect(await analyzed()).toBe(1);
  });
  test("of tables of several owners", async () => {
    await server.query("postgres", "CREATE ROLE master LOGIN PASSWORD 'm'; CREATE ROLE app; GRANT app TO master");
    await server.query(
      "plain",
      "CREATE TABLE owned AS SELECT generate_series(1, 100) AS id; ALTER TABLE owned OWNER TO app",
    );
    const master = { ...login(), user: "master", password: "m" };
    expect(await gatherStatistics(context(), master, "plain")).toBe(true);
    expect(await server.query("plain", "SELECT FROM pg_stats WHERE tablename = 'owned'")).toHaveLength(1);
  });
  test("that can't be gathered are a warning", async () => {
    const given = context();
    const database = "no_such_database";
    expect(await gatherStatistics(given, login(), database)).toBe(false);
    expect(given.log.lines).toMatchObject([{ level: "warn", details: { database } }]);
    expect(JSON.stringify(given.log.lines)).not.toContain(`"${server.password}"`);
  });
  test("stop with the task", async () => {
    const given = { ...context(), signal: AbortSignal.abort() };
    await expect(gatherStatistics(given, login(), "no_such_database")).rejects.toThrow();
  });
});

describe("customisations", () => {
  test("an ordinary database has none", async () => {
    expect((await factsOf("plain")).customisations).toEqual([]);
  });
  test("are told in words, and a restore is warned of them", async () => {
    await server.query(
      "custom",
      `CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
       CREATE EVENT TRIGGER one ON ddl_command_end EXECUTE FUNCTION noted();
       CREATE EVENT TRIGGER two ON ddl_command_start EXECUTE FUNCTION noted();
       CREATE FOREIGN DATA WRAPPER nowhere;
       CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
       CREATE FOREIGN TABLE far (id int) SERVER elsewhere;
       CREATE PUBLICATION everything FOR ALL TABLES;`,
    );
    const { customisations } = await factsOf("custom");
    expect(customisations).toEqual(["1 foreign table", "1 foreign server", "2 event triggers", "1 publication"]);
    const manifest = await sealSnapshot(fakeCollaborators(), {
      files: new Map(),
      database: { customisations: [...customisations] },
    });
    const recovery = { region: manifest.region };
    const { warnings } = judge({
      manifest,
      target: environment(TARGET),
      preflight,
      comparison: null,
      damage: [],
      recovery,
    });
    expect(warnings).toEqual([
      {
        code: "DatabaseCustomised",
        message:
          "The snapshot's database is customised (1 foreign table, 1 foreign server, 2 event triggers, 1 publication): " +
          "the restore may fail, and then changes nothing.",
      },
    ]);
  });
});
