/** A PostgreSQL server with the small world's databases, for all tests of a file. */
import { startPostgres, type PostgresServer } from "../support/postgres";
import { createDatabases } from "./small-world";

/** `use` gets the server before the first test; it is stopped after the last. */
export const withSmallDatabases = (use: (server: PostgresServer) => void): void => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres();
    await createDatabases(server);
    use(server);
  });
  afterAll(() => server?.stop());
};
