/**
 * The database that a restore of the user's own environment goes into, when no target was named: on the private server,
 * with the source's tables but none of its rows, as an app's second environment has them. It goes with that server.
 */
import { randomBytes } from "node:crypto";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { connectionString, lastWords, withProgram } from "../../lambda/database-task/run-program";
import type { PostgresServer } from "../servers/postgres";
import { SetupFailure } from "../setup/programs";
import { taskLogin, withDatabase, type DatabaseLogin } from "./environment";

export interface ScratchSurroundings {
  readonly postgres: PostgresServer;
  /** Folder of `pg_dump` and `pg_restore`. */
  readonly programs: string;
  /** Where a file may lie for a moment. */
  readonly folder: string;
}

export const createScratchDatabase = async (
  source: DatabaseLogin,
  { postgres, programs, folder }: ScratchSurroundings,
): Promise<DatabaseLogin> => {
  const { encoding, roles } = await describe(source);
  const server: DatabaseLogin = {
    host: postgres.host,
    port: postgres.port,
    name: "postgres",
    username: postgres.superuser,
    password: postgres.password,
    ssl: "disable",
  };
  const name = `backups_scratch_${randomBytes(4).toString("hex")}`;
  const writes = true;
  await withDatabase(
    server,
    async (client) => {
      await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
      // The private server is new, so none of them exists. They get no login.
      for (const role of roles) await client.query(`CREATE ROLE "${role.replaceAll('"', '""')}"`);
    },
    writes,
  );
  const scratch = { ...server, name };
  const file = join(folder, `${name}.dump`);
  await run(join(programs, "pg_dump"), ["--schema-only", "-O", "-x", "-Fc", `--file=${file}`], source);
  await run(join(programs, "pg_restore"), ["-O", "-x", "--exit-on-error", file], scratch);
  await unlink(file);
  return scratch;
};

const run = async (program: string, args: readonly string[], login: DatabaseLogin): Promise<void> => {
  const address = connectionString(taskLogin(login), login.name);
  const signal = AbortSignal.timeout(600_000);
  const end = await withProgram(
    program,
    [...args, `--dbname=${address}`],
    taskLogin(login),
    signal,
    async (running) => {
      running.stdin.end();
      running.stdout.resume();
      return running.ended;
    },
  );
  if (end.code !== 0)
    throw new SetupFailure(
      `The tables of your database could not be made in a scratch database: ${lastWords(end)}; name a target of your own as the second file of --environment.`,
    );
};

interface Description {
  readonly encoding: string;
  /** Those that row-security policies name; a private server does not have them. */
  readonly roles: readonly string[];
}
const describe = (login: DatabaseLogin): Promise<Description> =>
  withDatabase(login, async (client) => {
    const { rows } = await client.query<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding");
    const policies = await client.query<{ name: string }>(
      "SELECT DISTINCT unnest(roles)::text AS name FROM pg_policies",
    );
    const roles = policies.rows.map(({ name }) => name).filter((name) => !["public", "postgres"].includes(name));
    return { encoding: rows[0]?.encoding ?? "UTF8", roles };
  });
