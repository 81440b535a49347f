/** docs/warnings.md explains every code that a person can meet, and no other. */
import { PLAN_REFUSALS, PLAN_WARNINGS } from "../../lambda/restore/plan-findings";
import { RESTORE_NOTES } from "../../lambda/restore/restore-notes";
import { SNAPSHOT_WARNINGS } from "../../lambda/snapshot/warnings";
import { documented, rowsBelow } from "./document";

test.each<[string, readonly string[]]>([
  ["On a snapshot", Object.keys(SNAPSHOT_WARNINGS)],
  ["Refusals of a plan", PLAN_REFUSALS],
  ["Warnings of a plan", PLAN_WARNINGS],
  ["Notes of a restore", RESTORE_NOTES],
])("%s: each code once, with what it means and what to do", (heading, codes) => {
  expect(documented(heading)).toEqual(codes.toSorted());
  for (const [code, ...cells] of rowsBelow(heading))
    expect({ code, cells: cells.map((cell) => cell.length > 5) }).toEqual({ code, cells: cells.map(() => true) });
});

test("it says where a plan tells of a snapshot's warning", () => {
  const said = rowsBelow("On a snapshot").map(([code = "", , , plan = ""]) => [code.replaceAll("`", ""), plan]);
  const expected = Object.entries(SNAPSHOT_WARNINGS).map(([code, word]) => {
    if (word === "") return [code, "not there"];
    return [code, word === null ? "the same" : `\`${word}\``];
  });
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
});
