/** The changes that `npm run mutate` tries, and that each stands exactly where it should. */
import { mutantsOf, mutated } from "./mutants";

const changes = (source: string): string[] => mutantsOf(source).map((mutant) => mutated(source, mutant));

test.each<[string, string[]]>([
  ["if (a) f();", ["if (true) f();", "if (false) f();", "if (a) ;"]],
  ["x = a && b;", [";", "x = a;", "x = b;"]],
  ["const x = a ?? b;", ["const x = a;", "const x = b;"]],
  [
    "const x = a || b ? 1 : y;",
    ["const x = true ? 1 : y;", "const x = a ? 1 : y;", "const x = b ? 1 : y;", "const x = a || b ? 2 : y;"],
  ],
  ["const x = a < b;", ["const x = a <= b;"]],
  ["const x = (a) => a === b;", ["const x = (a) => a !== b;"]],
  ["const x = list.filter(f).some(g);", ["const x = list.filter(f).every(g);", "const x = list.some(g);"]],
  ["const x = !a;", ["const x = a;"]],
  ["while (a) {}", ["while (false) {}"]],
  ['switch (a) { case "x": break; }', ['switch (a) { case "\\0": break; }']],
  ["const x = { a: true };", ["const x = { a: false };"]],
  ["async () => { await f(); };", [";", "async () => { ; };"]],
])("%s", (source, expected) => {
  expect(changes(source).toSorted()).toEqual(expected.toSorted());
});

test("texts, types, imports and logs stay as they are", () => {
  const source = `
    import { a } from "b";
    type T = 1 | 2;
    interface I { readonly x: T extends 3 ? 4 : 5 }
    const said = \`\${x} files\` + "in all" as string;
    log.warn("one");
    collaborators.log.info("two");`;
  expect(changes(source)).toEqual([]);
});

test("lines are counted from one, and bytes are not characters", () => {
  const source = 'const é = "ü\u{1f600}";\n\nconst x = a < é;\n';
  expect(mutantsOf(source)).toMatchObject([{ line: 3, what: "a < é → a <= é" }]);
  expect(changes(source)).toEqual(['const é = "ü\u{1f600}";\n\nconst x = a <= é;\n']);
});
