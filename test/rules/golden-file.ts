/**
 * Golden files: what a rule answers for a whole table of cases, kept as JSON that a reviewer can read. With
 * UPDATE_GOLDEN=1 they are written anew; the diff then shows what a change does to tiers, expiries and slots.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function expectGolden(name: string, actual: unknown): void {
  const file = join(__dirname, "golden", `${name}.json`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, render(actual));
  expect(render(actual)).toBe(readFileSync(file, "utf8"));
}

/** One line a case. */
function render(value: unknown): string {
  const lines = Object.entries(value as Record<string, unknown>).map(
    ([key, answer]) => `  ${JSON.stringify(key)}: ${JSON.stringify(answer)}`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}
