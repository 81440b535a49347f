/** Lists: aligned, one line each, whatever people have written, and fitted to the terminal. */
import { type Column, table } from "../../bin/command-line/table";
import { second } from "../../bin/command-line/plain-text";
import { shortened, widthOf } from "../../bin/command-line/text-width";
import { PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";

interface Row {
  readonly id: string;
  readonly size: string;
  readonly by: string;
  readonly note: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: "ID", of: ({ id }) => id },
  { title: "SIZE", of: ({ size }) => size, align: "right", dispensable: 2 },
  { title: "BY", of: ({ by }) => by, dispensable: 1 },
  { title: "NOTE", of: ({ note }) => note },
];
const row = (note: string): Row => ({ id: "10000000", size: "1.5 kB", by: "operator", note });

test("columns are aligned, numbers to the right, and nothing hangs over", () => {
  expect(table(COLUMNS, [row("short"), { ...row(""), id: "2", size: "3 MB" }], undefined)).toEqual([
    "ID          SIZE  BY        NOTE",
    "10000000  1.5 kB  operator  short",
    "2           3 MB  operator",
  ]);
  expect(table(COLUMNS, [row("")], undefined)).toEqual(["ID          SIZE  BY", "10000000  1.5 kB  operator"]);
});

const WRITTEN = [
  "two\nlines",
  "carriage\rreturn and\ttab",
  "\u001b[31mred\u001b[0m \u009b2J",
  "日本語のコメントがとても長いのでここで切られる",
  "family 👨‍👩‍👧‍👦 and flag 🇳🇱 of e\u0301toile",
  "turned \u202Egnp.exe\u202C around",
  "\u2028separators\u2029 and \ufeffmark",
  "x".repeat(500),
  "한국어 설명 ｆｕｌｌｗｉｄｔｈ ☎️ ✅",
  "\u0000nul\u0007bell\u0008back",
];
describe.each([40, 60, 80, 120, undefined])("in %s columns", (width) => {
  test.each(WRITTEN)("%j stays on its line", (note) => {
    const lines = table(COLUMNS, [row(note), row("plain")], width);
    expect(lines).toHaveLength(3);
    // oxlint-disable-next-line no-control-regex -- what must not be there
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
    if (width !== undefined) for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    // What stands last begins in the same column everywhere.
    const note0 = must(lines[0]).indexOf("NOTE");
    for (const line of lines.slice(1)) expect(line.slice(0, note0)).toBe(must(lines[2]).slice(0, note0));
  });
});

test("a narrow terminal loses what matters least first, then the end of the last column", () => {
  const at = (width: number): readonly string[] => table(COLUMNS, [row("a comment of thirty characters")], width);
  expect(at(60)[1]).toBe("10000000  1.5 kB  operator  a comment of thirty characters");
  expect(at(45)[1]).toBe("10000000  1.5 kB  operator  a comment of thi…");
  expect(at(35)[0]).toBe("ID        BY        NOTE");
  expect(at(30)[1]).toBe("10000000  a comment of thirty…");
});

test.each([
  ["a", 1],
  ["é", 1],
  ["e\u0301", 1],
  ["日本", 4],
  ["ｆ", 2],
  ["한", 2],
  ["👍", 2],
  ["👍🏽", 2],
  ["👨‍👩‍👧‍👦", 2],
  ["🇳🇱", 2],
  ["☎️", 2],
  ["\u200b", 0],
  ["…", 1],
  ["", 0],
])("%j takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test("a wide character is never cut in half", () => {
  expect(shortened("日本語", 4)).toBe("日…");
  expect(shortened("日本語", 5)).toBe("日本…");
  expect(shortened("日本語", 6)).toBe("日本語");
  expect(shortened("abc", 0)).toBe("");
});

test("times are to the second, and what is none stays", () => {
  expect(second("2026-12-05T00:12:00.999Z")).toBe("2026-12-05T00:12:00Z");
  expect(second("2026-12-05T02:12:00+02:00")).toBe("2026-12-05T00:12:00Z");
  expect([second(null), second(""), second("soon")]).toEqual(["", "", "soon"]);
});

describe("the lists of the API", () => {
  let line: ApiCommandLine;
  beforeAll(async () => {
    line = await startApiCommandLine();
  });
  afterAll(() => line.close());
  test.each([
    [["snapshots", PRODUCTION]],
    [["calendar", PRODUCTION, "--days", "20"]],
    [["environments"]],
    [["regions"]],
    [["drills", "list", PRODUCTION]],
    [["uploads", PRODUCTION]],
    [["restores", PRODUCTION]],
  ])("%j has no time below the second, and no line that hangs from another", async (args) => {
    line.clear();
    expect(await line.run(...args)).toBe(0);
    for (const text of line.out) {
      expect(text).not.toMatch(/:\d\d\.\d+Z/);
      expect(text).not.toMatch(/^\s+\S/);
    }
  });
  test("--json has everything, as before", async () => {
    line.clear();
    expect(await line.run("snapshots", PRODUCTION, "--json", "--limit", "1")).toBe(0);
    expect(line.document()).toMatchObject({
      snapshots: [{ createdAt: "2026-12-05T00:12:00.000Z", dumpSize: 52_428_800 }],
    });
  });
});
