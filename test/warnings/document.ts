/** The tables of docs/warnings.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const TEXT = readFileSync(join(__dirname, "../../docs/warnings.md"), "utf8");

/** The rows below a heading, without the table's own head; each is its cells. */
export const rowsBelow = (heading: string): string[][] => {
  const section = TEXT.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
};

/** The codes of a heading's table, in its order. */
export const documented = (heading: string): string[] =>
  rowsBelow(heading).map(([code = ""]) => code.replaceAll("`", ""));
