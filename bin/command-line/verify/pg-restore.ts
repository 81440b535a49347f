/** Finds pg_restore: the newest of Debian's folders, because it reads what all older ones wrote, else the PATH's. */
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { NotProven } from "./not-proven";

const ROOT = "/usr/lib/postgresql";

/** Throws NotProven. */
export function findPgRestore(path: string | undefined): string {
  const candidates = [
    ...majors().map((major) => join(ROOT, major, "bin", "pg_restore")),
    ...(path ?? "")
      .split(delimiter)
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, "pg_restore")),
  ];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new NotProven("reading the dump needs pg_restore, which is not here: install PostgreSQL's client programs");
}

function majors(): string[] {
  try {
    return readdirSync(ROOT).toSorted((a, b) => Number(b) - Number(a));
  } catch {
    return [];
  }
}

const isExecutable = (program: string): boolean => {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
