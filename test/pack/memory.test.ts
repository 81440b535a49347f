/** I7: the packer's memory does not grow with the number or size of files. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

function peakMegabytes(smallFiles: number, smallBytes: number, largeFiles: number, largeBytes: number): number {
  const sizes = [smallFiles, smallBytes, largeFiles, largeBytes].map(String);
  const run = spawnSync(process.execPath, ["--import", "tsx", join(__dirname, "memory-run.ts"), ...sizes], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
}
const MB = 1_000_000;

/**
 * The best of three runs: when the garbage is collected is chance, and chance only ever adds. What the packer really
 * holds is in every run.
 */
const heldMegabytes = (...sizes: Parameters<typeof peakMegabytes>): number =>
  Math.min(...[1, 2, 3].map(() => peakMegabytes(...sizes)));

test("memory is bounded, whatever the number and size of files", () => {
  const held = [
    heldMegabytes(20, 8 * MB, 0, 0),
    heldMegabytes(50, 8 * MB, 0, 0),
    heldMegabytes(0, 0, 1, 250 * MB),
    heldMegabytes(30_000, 200, 0, 0),
  ];
  // 64 MB read ahead, their compressed form, and four parts of 16 MiB on their way.
  expect(Math.max(...held)).toBeLessThan(320);
  // More than twice the files may cost a little garbage more, not twice the memory.
  expect((held[1] ?? 0) - (held[0] ?? 0)).toBeLessThan(120);
}, 180_000);
