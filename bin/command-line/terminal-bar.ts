/** A bar on standard error, where it is a terminal; standard output stays the answer's. */
import { Presets, SingleBar } from "cli-progress";
import type { ProgressBar } from "./surroundings";

export function startTerminalBar(title: string): ProgressBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `${title} {bar} {percentage}% | {eta_formatted} left`,
      hideCursor: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  return {
    show: (done, total) => {
      // Nothing of nothing is all of it.
      bar.setTotal(Math.max(total, 1));
      bar.update(total === 0 ? 1 : Math.min(done, total));
    },
    stop: () => bar.stop(),
  };
}
