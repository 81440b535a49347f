/** What kinds of items a catalog in memory holds, in its order; the list of places must be empty, if there is one. */
import type { MemoryTable } from "./memory-table";

export const leftIn = (table: MemoryTable): readonly string[] => {
  const items = table.all();
  expect(items.filter(({ pk }) => pk === "PLACES").flatMap(({ entries }) => entries)).toEqual([]);
  return items.filter(({ pk }) => pk !== "PLACES").map(({ sk }) => sk.split("#")[0] ?? "");
};
