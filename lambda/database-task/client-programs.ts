/**
 * Chooses the PostgreSQL client programs: those of the server's own major version, else the next newer ones. Programs
 * older than the server can't read it, and the sentence says so with both versions.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServiceFailure } from "../runtime/collaborators";
import type { ClientPrograms } from "./task-context";

export interface Toolset {
  readonly major: number;
  /** As the program itself says, such as `15.18`. */
  readonly version: string;
  readonly dump: string;
  readonly restore: string;
}

const VERSION_MS = 20_000;

/** The major version to use for a server, or the highest there is when all are older. */
export const chooseMajor = (majors: readonly number[], needed: number): number => {
  const ascending = majors.toSorted((a, b) => a - b);
  return ascending.find((major) => major >= needed) ?? ascending.at(-1) ?? 0;
};

/** Throws ToolsTooOld, ToolsMissing. */
export const findTools = async (programs: ClientPrograms, needed: number, serverVersion: string): Promise<Toolset> => {
  const major = chooseMajor(programs.majors, needed);
  const directory = programs.directory.replaceAll("{major}", String(major));
  const dump = join(directory, "pg_dump");
  const version = await programVersion(dump, major);
  if (Number.parseInt(version, 10) < needed)
    throw new ServiceFailure(
      "ToolsTooOld",
      `The PostgreSQL client tools (version ${version}) are older than the server (version ${serverVersion}); add ${needed} to databaseTask.postgresqlMajors, renew the image (npm run build-image) and deploy.`,
      false,
    );
  return { major, version, dump, restore: join(directory, "pg_restore") };
};

const programVersion = async (program: string, major: number): Promise<string> => {
  let output = "";
  let cause: unknown;
  try {
    output = (await promisify(execFile)(program, ["--version"], { timeout: VERSION_MS })).stdout;
  } catch (error) {
    cause = error;
  }
  // "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
  const version = /\(PostgreSQL\) (\S+)/.exec(output)?.[1];
  if (version === undefined)
    throw new ServiceFailure(
      "ToolsMissing",
      `The PostgreSQL client tools of version ${major} can't be run from ${program}; renew the database task's image with them (npm run build-image) and deploy.`,
      false,
      { cause },
    );
  return version;
};
