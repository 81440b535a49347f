/**
 * Databases with a random mixture of objects go round: backed up, restored into themselves or into another environment,
 * by a superuser or by one who is none. What differs afterwards must have been named by a warning of the snapshot or a
 * note of the restore. `npm run fuzz:round-trip -- --seed N --count M` plays others than these.
 */
import { identifier } from "../../lambda/database-task/sql-text";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { differences, stateOf } from "./compare";
import { elsewhere } from "./expected";
import { unnamed } from "./named-differences";
import { MASTER, randomDatabase, randomRoles } from "./random-database";
import { addEnvironment, restoreInto, roundTripWorld, SOURCE, takeSnapshot, warningsOf } from "./round-trip-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const { ROUND_TRIP_SEED = "1", ROUND_TRIP_COUNT = "20" } = process.env;
const seeds = Array.from({ length: Number(ROUND_TRIP_COUNT) }, (_, number) => Number(ROUND_TRIP_SEED) + number);
const TARGET = "shop-acceptance";
const NO_FILES = "SELECT NULL::text WHERE false";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", randomRoles);
});
afterAll(() => server?.stop());

test.each(seeds)(
  "the random database of seed %d comes back without a difference",
  async (seed) => {
    const made = randomDatabase(seed);
    const [database, other] = [`fuzz_${seed}`, `fuzz_${seed}_other`];
    for (const name of [database, other])
      await server.query("postgres", `CREATE DATABASE ${identifier(name)} OWNER ${made.owner} TEMPLATE template0`);
    const login = made.isOrdinary ? { login: MASTER } : {};
    await fill(database, made.statements, login.login);
    const world = await roundTripWorld({ server, database, ...login }, NO_FILES);
    await addEnvironment(world, TARGET, { server, database: other, ...login }, NO_FILES);
    const before = await stateOf(server, database);
    const isElsewhere = seed % 2 === 0;
    const expected = isElsewhere ? elsewhere(before, await stateOf(server, other)) : before;

    const snapshotId = await takeSnapshot(world);
    const restore = await restoreInto(world, snapshotId, isElsewhere ? TARGET : SOURCE);
    const after = await stateOf(server, isElsewhere ? other : database);
    expect(unnamed(differences(expected, after), before, await warningsOf(world, snapshotId, restore))).toEqual([]);
    for (const name of [database, other]) await server.query("postgres", `DROP DATABASE ${identifier(name)}`);
  },
  60_000,
);

const fill = async (database: string, statements: readonly string[], as?: typeof MASTER): Promise<void> => {
  const client = await server.connect(database, as);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};
