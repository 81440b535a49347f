/**
 * Finds the programs that the local run needs besides Node.js, and installs what is missing where that is allowed:
 * PostgreSQL with apt-get as root, moto with pip. Otherwise it ends in one sentence that says what to install.
 */
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runProgram } from "../servers/child-processes";

export interface Programs {
  /** Folder with `initdb`, `postgres`, `pg_dump` and `pg_restore`. */
  readonly postgresql: string;
  readonly postgresqlMajor: number;
  readonly moto: string;
}
export type Say = (text: string) => void;

export class SetupFailure extends Error {
  override name = "SetupFailure";
}

export const findPrograms = async (privateFolder: string, say: Say): Promise<Programs> => {
  const postgresql = findPostgres() ?? (await installPostgres(say));
  const version = await runProgram(join(postgresql, "postgres"), ["--version"]);
  const postgresqlMajor = Number(/\(PostgreSQL\) (\d+)/.exec(version.output)?.[1]);
  if (!(postgresqlMajor >= 13))
    throw new SetupFailure(
      `PostgreSQL in ${postgresql} is too old (${version.output.trim()}); install version 13 or newer.`,
    );
  return { postgresql, postgresqlMajor, moto: findMoto(privateFolder) ?? (await installMoto(privateFolder, say)) };
};

const POSTGRES_PROGRAMS = ["initdb", "postgres", "pg_dump", "pg_restore"];

const findPostgres = (): string | undefined => {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(root, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.find((folder) => POSTGRES_PROGRAMS.every((program) => isProgram(join(folder, program))));
};

const findMoto = (privateFolder: string): string | undefined =>
  [join(privateFolder, "moto", "bin"), ...(process.env["PATH"] ?? "").split(delimiter)]
    .map((folder) => join(folder, "moto_server"))
    .find(isProgram);

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const installPostgres = async (say: Say): Promise<string> => {
  const advice =
    "install the PostgreSQL server and client programs (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql)";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new SetupFailure(`PostgreSQL is missing: ${advice}, then try again.`);
  say("installing PostgreSQL with apt-get");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runProgram("apt-get", ["update", "-q"], { env });
  const installed = await runProgram(
    "apt-get",
    ["install", "-y", "-q", "--no-install-recommends", "postgresql", "postgresql-client"],
    { env },
  );
  const found = findPostgres();
  if (found === undefined)
    throw new SetupFailure(
      `PostgreSQL is missing and apt-get could not install it (${lastLine(installed.output)}): ${advice}, then try again.`,
    );
  return found;
};

/** In an environment of its own, because system Pythons refuse packages. */
const installMoto = async (privateFolder: string, say: Say): Promise<string> => {
  const advice = 'install it with: pip install "moto[server,s3,dynamodb,sns,secretsmanager,rds]==5.2.1"';
  say("installing moto with pip");
  const folder = join(privateFolder, "moto");
  const made = await runProgram("python3", ["-m", "venv", folder]).catch((error: Error) => ({
    code: 1,
    output: error.message,
  }));
  if (made.code !== 0)
    throw new SetupFailure(
      `moto_server is missing and python3 -m venv does not work (${lastLine(made.output)}): ${advice}, then try again.`,
    );
  const installed = await runProgram(join(folder, "bin", "pip"), [
    "install",
    "-q",
    "moto[server,s3,dynamodb,sns,secretsmanager,rds]==5.2.1",
  ]);
  const found = findMoto(privateFolder);
  if (installed.code !== 0 || found === undefined)
    throw new SetupFailure(
      `moto_server is missing and pip could not install it (${lastLine(installed.output)}): ${advice}, then try again.`,
    );
  return found;
};

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
