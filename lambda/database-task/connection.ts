/**
 * Connections to PostgreSQL, each with limits: on connecting, on statements, on waiting for locks, and TCP keepalives
 * so that a dead peer is noticed. Every one is closed by `withConnection`, whatever happens.
 */
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import { connectionFailure } from "./connection-errors";
import type { DatabaseLogin } from "./database-login";

/** Our sessions say who they are, and the count of other people's sessions leaves them out. */
export const APPLICATION_NAME = "nightly-backups";
export const CONNECT_SECONDS = 15;
export const LOCK_SECONDS = 300;
export const KEEPALIVE_SECONDS = 30;
/** Long enough for catalog queries on a busy server with tens of thousands of tables. */
const STATEMENT_SECONDS = 120;

/**
 * What a server, a database or a role may say otherwise for its sessions, and what would keep ours from their work; in
 * the words that a connection takes at its start.
 */
export const SESSION_OPTIONS = "-c default_transaction_read_only=off -c idle_in_transaction_session_timeout=0";
/**
 * So that the server gives up a dead task's session, and with it its locks, within two minutes; and no other that waits,
 * as ours do while another program fills a database. Not every version knows each of them.
 */
const NOTICE_DEAD_CLIENTS = `
  SELECT pg_catalog.set_config(s.name, v.value, false)
    FROM (VALUES ('tcp_keepalives_idle', '${KEEPALIVE_SECONDS}'), ('tcp_keepalives_interval', '10'),
                 ('tcp_keepalives_count', '6'), ('client_connection_check_interval', '30s'),
                 ('idle_session_timeout', '0'), ('transaction_timeout', '0')) AS v (name, value)
    JOIN pg_catalog.pg_settings s ON s.name = v.name AND s.context = 'user'`;

/** What every session of ours begins with: nobody's function is taken for one of PostgreSQL's own. */
export const NO_SEARCH_PATH = "SELECT pg_catalog.set_config('search_path', '', false)";

export interface ConnectOptions {
  /** @default the login's own database */
  readonly database?: string;
  /** @default 120; 0 is no limit */
  readonly statementSeconds?: number;
}

/** Throws the ServiceFailures of `connectionFailure`. */
export const withConnection = async <T>(
  login: DatabaseLogin,
  options: ConnectOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> => {
  const client = await connect(login, options);
  try {
    return await use(client);
  } finally {
    // A connection that is broken already can't say goodbye; that is no failure of the work.
    await client.end().catch(() => undefined);
  }
};

export const connect = async (login: DatabaseLogin, options: ConnectOptions = {}): Promise<Client> => {
  const database = options.database ?? login.database;
  const client = new Client({
    host: login.host,
    port: login.port,
    user: login.user,
    password: login.password,
    database,
    ssl: tlsOf(login),
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_SECONDS * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_SECONDS * 1000,
    // In the options, because the driver says nothing of a limit of 0, and the role's own would hold.
    options: `${SESSION_OPTIONS} -c statement_timeout=${(options.statementSeconds ?? STATEMENT_SECONDS) * 1000}`,
    lock_timeout: LOCK_SECONDS * 1000,
  });
  // An idle connection that breaks emits an error; the next query on it fails, and that is where it is told.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(NO_SEARCH_PATH);
    await client.query(NOTICE_DEAD_CLIENTS);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionFailure(error, login, database);
  }
};

const tlsOf = (login: DatabaseLogin): false | ConnectionOptions => {
  if (login.ssl === "disable") return false;
  if (login.ssl === "require") return { rejectUnauthorized: false };
  return {
    rejectUnauthorized: true,
    ...(login.certificates === undefined ? {} : { ca: readFileSync(login.certificates, "utf8") }),
  };
};
