/** I7: the packer's memory does not grow with the number or size of files. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const MB = 1_000_000;

/** The most that is held at any request, in MB, without garbage: the same in every run. */
function heldMegabytes(smallFiles: number, smallBytes: number, largeFiles: number, largeBytes: number): number {
  const sizes = [smallFiles, smallBytes, largeFiles, largeBytes].map(String);
  const program = ["--expose-gc", "--import", "tsx", join(__dirname, "memory-run.ts")];
  const run = spawnSync(process.execPath, [...program, ...sizes], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
}

test("memory is bounded, whatever the number and size of files", () => {
  const few = heldMegabytes(20, 8 * MB, 0, 0);
  const many = heldMegabytes(80, 8 * MB, 0, 0);
  // Node.js and the program itself, files read ahead, and up to four parts of 16 MiB on their way.
  for (const held of [few, many, heldMegabytes(0, 0, 1, 250 * MB), heldMegabytes(30_000, 200, 0, 0)])
    expect(held).toBeLessThan(160);
  // Four times the files and bytes.
  expect(many - few).toBeLessThan(32);
}, 180_000);
