/** Which test files run a line: from one run with coverage for each of them. What runs no line can't notice a change. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Copy } from "./copy-tree";

const place = z.object({ line: z.number() });
const coverage = z.record(
  z.string(),
  z.object({
    statementMap: z.record(z.string(), z.object({ start: place, end: place })),
    s: z.record(z.string(), z.number()),
  }),
);
type FileCoverage = z.infer<typeof coverage>[string];

/** Path of a source file, from the tree's root, and a line of it → test files, the quickest first. */
export type Covering = (file: string, line: number) => readonly string[];

/** Throws where a test file fails on the code as it is. */
export async function coveringTests(
  copy: Copy,
  sources: readonly string[],
  tests: readonly string[],
): Promise<Covering> {
  const { folder, run } = copy;
  const covered = new Map<string, z.infer<typeof coverage>>();
  const took = new Map<string, number>();
  const options = ["--coverage", "--coverageReporters=json", `--coverageDirectory=${join(folder, ".coverage")}`];
  const collect = sources.map((source) => `--collectCoverageFrom=${source}`);
  for (const test of tests) {
    const begun = Date.now();
    if ((await run([test], [...options, ...collect])) !== "passed")
      throw new Error(`${test} does not pass on the code as it is.`);
    covered.set(test, coverage.parse(JSON.parse(readFileSync(join(folder, ".coverage/coverage-final.json"), "utf8"))));
    took.set(test, Date.now() - begun);
  }
  const quickestFirst = tests.toSorted((a, b) => (took.get(a) ?? 0) - (took.get(b) ?? 0));
  return (file, line) =>
    quickestFirst.filter((test) => {
      const of = covered.get(test)?.[join(folder, file)];
      return of !== undefined && runs(of, line);
    });
}

/** By the innermost statements around the line: a function that is never called has run as a declaration only. */
function runs({ statementMap, s }: FileCoverage, line: number): boolean {
  const around = Object.entries(statementMap)
    .filter(([, { start, end }]) => start.line <= line && line <= end.line)
    .map(([id, { start, end }]) => ({ lines: end.line - start.line, count: s[id] ?? 0 }));
  const fewest = Math.min(...around.map(({ lines }) => lines));
  return around.some(({ lines, count }) => lines === fewest && count > 0);
}
