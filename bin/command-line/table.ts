/**
 * Lists for people: a header, one line each, columns aligned. On a terminal the lines fit it: columns that matter least
 * go first, then the last one is cut. Elsewhere everything is there. Pure.
 */
import { oneLine } from "./plain-text";
import { padded, shortened, widthOf } from "./text-width";

export interface Column<T> {
  /** Such as `CREATED`. */
  readonly title: string;
  readonly of: (row: T) => string;
  /** Numbers stand right. @default "left" */
  readonly align?: "left" | "right";
  /** Where there is no room, the highest goes first. @default never */
  readonly dispensable?: number;
}

const GAP = "  ";
/** What is left of the last column at least; a terminal that is narrower breaks the line itself. */
const SHORTEST = 12;

/** `width`: the terminal's; undefined: as wide as it takes. What was written by people is made one line. */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  width: number | undefined,
): readonly string[] {
  const cells = columns.map((column) => {
    const texts = rows.map((row) => oneLine(column.of(row)));
    return { ...column, texts, width: Math.max(...[column.title, ...texts].map(widthOf)) };
  });
  // A column without a single word says nothing.
  let shown = cells.filter(({ texts }) => texts.some((text) => text !== ""));
  const least = (): number =>
    shown.reduce((sum, cell, at) => sum + (at === shown.length - 1 ? Math.min(cell.width, SHORTEST) : cell.width), 0) +
    GAP.length * (shown.length - 1);
  const room = width ?? Infinity;
  while (least() > room) {
    const [first] = shown
      .filter(({ dispensable }) => dispensable !== undefined)
      .toSorted((a, b) => (b.dispensable ?? 0) - (a.dispensable ?? 0));
    if (first === undefined) break;
    shown = shown.filter((cell) => cell !== first);
  }
  return [-1, ...rows.keys()].map((row) => {
    let line = "";
    shown.forEach((cell, at) => {
      const text = row === -1 ? cell.title : (cell.texts[row] ?? "");
      const isLast = at === shown.length - 1;
      const left = Math.max(SHORTEST, room - widthOf(line));
      line += isLast ? shortened(text, left) : padded(text, cell.width, cell.align) + GAP;
    });
    return line.trimEnd();
  });
}
