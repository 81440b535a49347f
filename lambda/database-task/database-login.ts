/** Who logs in where: the registered address with the user and password of the secret. Never logged, never in argv. */
import type { Registration } from "../catalog/registration";
import { ServiceFailure } from "../runtime/collaborators";
import type { TaskContext } from "./task-context";

export interface DatabaseLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl: Registration["database"]["ssl"];
  readonly certificates?: string;
}

/** Throws what reading the secret throws, and SecretMalformed. */
export const readLogin = async (
  { secrets, certificates }: Pick<TaskContext, "secrets" | "certificates">,
  database: Pick<Registration["database"], "host" | "port" | "name" | "secret" | "ssl">,
): Promise<DatabaseLogin> => {
  const { username, password } = await secrets.databaseCredentials(database.secret);
  // A password file has one line for one password.
  if (/[\n\r\0]/.test(username + password))
    throw new ServiceFailure(
      "SecretMalformed",
      `The user name or password in the secret ${database.secret} has a line break, which the PostgreSQL programs can't take; set another one.`,
      false,
    );
  return {
    host: database.host,
    port: database.port,
    database: database.name,
    user: username,
    password,
    ssl: database.ssl,
    ...(certificates === undefined ? {} : { certificates }),
  };
};

/** `host:port`, as sentences name a server. */
export const serverOf = (login: Pick<DatabaseLogin, "host" | "port">): string => `${login.host}:${login.port}`;
