/** I7: unpacking an upload takes no more memory for more files, larger files or a larger database. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const MB = 1_000_000;

/** The most that is held at any request, in MB, without garbage: the same in every run. */
function heldMegabytes(files: number, bytes: number, rows: number): number {
  const program = ["--expose-gc", "--import", "tsx", join(__dirname, "memory-run.ts")];
  const run = spawnSync(process.execPath, [...program, ...[files, bytes, rows].map(String)], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
}

test("memory is bounded, whatever the number and size of files and the size of the dump", () => {
  const few = heldMegabytes(2, 10 * MB, 1_000);
  const many = heldMegabytes(8, 10 * MB, 1_000);
  // Node.js and the program itself, and up to four parts of 16 MiB on their way.
  for (const held of [few, many, heldMegabytes(6_000, 200, 60_000)]) expect(held).toBeLessThan(160);
  expect(many - few).toBeLessThan(32);
}, 180_000);
