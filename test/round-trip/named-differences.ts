/** A difference that a warning or a note has named is none that anybody runs into. Pure. */
import type { DatabaseState } from "./compare";

/** The differences about objects that no sentence names. */
export const unnamed = (
  differences: readonly string[],
  { rows }: DatabaseState,
  sentences: readonly string[],
): string[] => {
  const told = rows
    .filter(({ catalog }) => catalog === "pg_class")
    .map(({ row }) => String(row["relname"]))
    .filter((name) => sentences.some((sentence) => sentence.includes(name)));
  return differences.filter((line) => !told.some((name) => line.includes(written(name)) || line.includes(name)));
};

/** As JSON and SQL write it. */
const written = (name: string): string => JSON.stringify(name.replaceAll('"', '""')).slice(1, -1);
