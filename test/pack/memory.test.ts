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

test("memory is bounded, whatever the number and size of files", () => {
  const peaks = [
    peakMegabytes(20, 8 * MB, 0, 0),
    peakMegabytes(50, 8 * MB, 0, 0),
    peakMegabytes(0, 0, 1, 250 * MB),
    peakMegabytes(30_000, 200, 0, 0),
  ];
  // 64 MB read ahead, their compressed form, and four parts of 16 MiB on their way.
  expect(Math.max(...peaks)).toBeLessThan(320);
  // More than twice the files may cost a little garbage more, not twice the memory.
  expect((peaks[1] ?? 0) - (peaks[0] ?? 0)).toBeLessThan(120);
}, 180_000);
