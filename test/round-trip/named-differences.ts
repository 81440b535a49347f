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
    .filter((name) => sentences.some((sentence) => holds(sentence, name)));
  return differences.filter((line) => !told.some((name) => holds(line, name) || holds(line, written(name))));
};

/** As JSON and SQL write it. */
const written = (name: string): string => JSON.stringify(name.replaceAll('"', '""')).slice(1, -1);

/** As a whole word: `table_1` is not in `table_12`. */
const holds = (text: string, name: string): boolean => {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (!/\w/.test(text[at + name.length] ?? "") && !/\w/.test(text[at - 1] ?? "")) return true;
  return false;
};
