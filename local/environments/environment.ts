/** An environment as the local run knows it: its registration, how to look into it, and where its files are. */
import { Client } from "pg";
import type { RegistrationInput } from "../../lambda/catalog/registration";
import type { DatabaseLogin as TaskLogin } from "../../lambda/database-task/database-login";

export interface DatabaseLogin {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly ssl: "disable" | "require" | "verify-full";
}
export interface LocalEnvironment {
  readonly environmentId: string;
  readonly registration: RegistrationInput;
  readonly database: DatabaseLogin;
  readonly bucket: string;
  readonly prefix: string;
  /** Names the files; absent where the bucket's listing does. */
  readonly referenceQuery?: string;
  /** The user's own: nothing may be written to it, not even a probe's test object. */
  readonly untouched?: true;
}

/** The same login, in the words of the database task. */
export const taskLogin = ({ host, port, name, username, password, ssl }: DatabaseLogin): TaskLogin => ({
  host,
  port,
  database: name,
  user: username,
  password,
  ssl,
});

/** Settings that decide how values look as text, the same on every server. */
const TEXT_SETTINGS =
  "-c DateStyle=ISO -c TimeZone=UTC -c bytea_output=hex -c extra_float_digits=3 -c statement_timeout=600000";

/** A session that looks and never changes anything, unless `writes` says so. */
export const withDatabase = async <T>(
  login: DatabaseLogin,
  work: (client: Client) => Promise<T>,
  writes = false,
): Promise<T> => {
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.name,
    user: login.username,
    password: login.password,
    ssl: login.ssl === "disable" ? false : { rejectUnauthorized: login.ssl === "verify-full" },
    options: `${TEXT_SETTINGS}${writes ? "" : " -c default_transaction_read_only=on"}`,
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};
