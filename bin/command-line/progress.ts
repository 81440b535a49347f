/** Bars for people at a terminal: none for scripts, and none beside a JSON document. */
import type { CommonOptions } from "./common-options";
import type { ProgressBar, Surroundings } from "./surroundings";

/** Runs `work` beside a bar, which goes however the work ends. */
export async function withBar<T>(
  title: string,
  options: CommonOptions,
  { startBar }: Pick<Surroundings, "startBar">,
  work: (show: ProgressBar["show"]) => Promise<T>,
): Promise<T> {
  const bar = options.json === true ? undefined : startBar(title);
  try {
    return await work((done, total) => bar?.show(done, total));
  } finally {
    bar?.stop();
  }
}
