/**
 * Which dumps can be read here, by the first bytes of their head (PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c).
 * Pure and without Node.js, because the page asks it too.
 */
export const OLDEST_MINOR = 14;
export const NEWEST_MINOR = 16;
const CUSTOM = 1;
const OTHER_FORMATS: Readonly<Record<number, string>> = { 3: "tar", 4: "null", 5: "directory" };

export interface FormatProblem {
  readonly reason: "other-format" | "newer" | "older";
  readonly message: string;
}
export const versionProblem = (major: number, minor: number): FormatProblem | undefined => {
  const version = `its dump has the format version ${major}.${minor}`;
  if (major !== 1 || minor > NEWEST_MINOR)
    return { reason: "newer", message: `${version}, which is newer than any that is known here` };
  if (minor < OLDEST_MINOR) return { reason: "older", message: `${version}, which is older than 1.${OLDEST_MINOR}` };
  return undefined;
};
export const formatProblem = (format: number): FormatProblem | undefined =>
  format === CUSTOM
    ? undefined
    : {
        reason: "other-format",
        message: `its dump is in the ${OTHER_FORMATS[format] ?? "unknown"} format instead of the custom one`,
      };
