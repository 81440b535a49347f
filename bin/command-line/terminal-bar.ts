/** A bar on standard error, where it is a terminal; standard output stays the answer's. */
import { Presets, SingleBar } from "cli-progress";
import { duration } from "./plain-text";
import type { ProgressBar } from "./surroundings";

export function startTerminalBar(title: string): ProgressBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar(
    { stream: process.stderr, format: `${title} {bar} {percentage}%{left}`, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(1, 0, { left: "" });
  let first: { readonly at: number; readonly done: number } | undefined;
  return {
    show: (done, total) => {
      const now = Date.now();
      first ??= { at: now, done };
      const seconds = ((now - first.at) / 1000) * ((total - done) / (done - first.done));
      const left = done > first.done && done < total ? ` | about ${duration(seconds)} left` : "";
      // Nothing of nothing is all of it.
      bar.setTotal(Math.max(total, 1));
      bar.update(total === 0 ? 1 : Math.min(done, total), { left });
    },
    stop: () => bar.stop(),
  };
}
