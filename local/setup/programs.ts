/**
 * Finds the programs that the local run needs besides Node.js, and installs what is missing where that is allowed:
 * PostgreSQL with apt-get as root, moto with pip. Otherwise it ends in one sentence that says what to install.
 */
import { accessSync, constants, existsSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runProgram } from "../servers/child-processes";
import { installPackages, mayInstall, tryToRun, type PackageMachine } from "./packages";

export interface Programs {
  /** Folder with `initdb`, `postgres`, `pg_dump` and `pg_restore`. */
  readonly postgresql: string;
  readonly postgresqlMajor: number;
  readonly moto: string;
}
export interface Machine extends PackageMachine {
  /** Where moto is installed for this project alone. */
  readonly privateFolder: string;
  /** Where Debian's packages have a folder for each version. @default /usr/lib/postgresql */
  readonly postgresqlVersions?: string;
}

/** Ends the run with a sentence for whoever started it. */
export class SetupFailure extends Error {
  override name = "SetupFailure";
}

const OLDEST_MAJOR = 13;
const MOTO = "moto[server]==5.2.1";

export const findPrograms = async (machine: Machine): Promise<Programs> => {
  const postgresql = findPostgres(machine) ?? (await installPostgres(machine));
  const version = await runProgram(join(postgresql, "postgres"), ["--version"]);
  const postgresqlMajor = Number(/\(PostgreSQL\) (\d+)/.exec(version.output)?.[1]);
  if (!(postgresqlMajor >= OLDEST_MAJOR))
    throw new SetupFailure(
      `PostgreSQL in ${postgresql} is too old (${version.output.trim()}); install version ${OLDEST_MAJOR} or newer.`,
    );
  return {
    postgresql,
    postgresqlMajor,
    moto: findMoto(machine) ?? (await installMoto(machine)),
  };
};

const POSTGRES_PROGRAMS = ["initdb", "postgres", "pg_dump", "pg_restore"];

const onPath = ({ variables = process.env }: Machine): readonly string[] => (variables["PATH"] ?? "").split(delimiter);

const findPostgres = (machine: Machine): string | undefined => {
  const root = machine.postgresqlVersions ?? "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, "bin")), ...onPath(machine)];
  return folders.find((folder) => POSTGRES_PROGRAMS.every((program) => isProgram(join(folder, program))));
};

const findMoto = (machine: Machine): string | undefined =>
  [join(machine.privateFolder, "moto", "bin"), ...onPath(machine)]
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

const installPostgres = async (machine: Machine): Promise<string> => {
  const advice =
    "install its server and client programs (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql), then try again";
  if (!mayInstall(machine)) throw new SetupFailure(`PostgreSQL is missing: ${advice}.`);
  const said = await installPackages(machine, "PostgreSQL", ["postgresql", "postgresql-client"]);
  const found = findPostgres(machine);
  if (found !== undefined) return found;
  throw new SetupFailure(`PostgreSQL is missing and apt-get could not install it (${said}): ${advice}.`);
};

/** In an environment of its own, because system Pythons refuse packages. */
const installMoto = async (machine: Machine): Promise<string> => {
  const folder = join(machine.privateFolder, "moto");
  const env = machine.variables ?? process.env;
  const failed = (why: string, mend: string): SetupFailure =>
    new SetupFailure(`moto_server, the local AWS, is missing, and ${why}: ${mend}, then try again.`);
  machine.say("installing moto with pip, about 350 MB, once");
  const python = await tryToRun("python3", ["--version"], env);
  if (python.code !== 0)
    throw failed(
      "so is Python",
      "install Python 3 with its venv module (Debian, Ubuntu: apt-get install python3-venv)",
    );
  const made = await tryToRun("python3", ["-m", "venv", folder], env);
  if (made.code !== 0 || !existsSync(join(folder, "bin", "pip")))
    throw failed(
      `Python can't make an environment to install it in (${made.said})`,
      /space left/i.test(made.said)
        ? "make room on the disk"
        : "install pip and the venv module (Debian, Ubuntu: apt-get install python3-venv)",
    );
  const installed = await tryToRun(join(folder, "bin", "pip"), ["install", "-q", "--retries", "1", MOTO], env);
  const found = findMoto(machine);
  if (installed.code === 0 && found !== undefined) return found;
  // Half an installation would be taken for a whole one the next time.
  rmSync(folder, { recursive: true, force: true });
  throw failed(
    `pip could not install it (${installed.said})`,
    /space left/i.test(installed.said)
      ? "make room on the disk"
      : `let the machine reach pip's index, or install it yourself with pip install "${MOTO}"`,
  );
};
