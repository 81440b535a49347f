/** I7: a build never holds more than 64 MB, and no more for four times the files. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const measure = (count: number, size: number): { megabytes: number; parts: number } => {
  const program = ["--expose-gc", "--import", "tsx", join(__dirname, "memory-run.ts")];
  const run = spawnSync(process.execPath, [...program, String(count), String(size)], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as { megabytes: number; parts: number };
};

test("a snapshot of 5,000 small files with 10 % dead is put together in at most 64 MB", () => {
  const few = measure(5_000, 15_000);
  expect(few.parts).toBeGreaterThan(4);
  expect(few.megabytes).toBeLessThanOrEqual(64);
  const many = measure(20_000, 3_750);
  expect(many.megabytes).toBeLessThanOrEqual(64);
  expect(many.megabytes - few.megabytes).toBeLessThan(20);
}, 180_000);
