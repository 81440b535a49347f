/**
 * Which changes the tests notice. Many are tried in one process of Jest's; one that takes too long, or the process with
 * it, has been noticed, and the rest goes on in another.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Copy } from "./copy-tree";

/** Paths are absolute. */
export interface Trial {
  readonly id: string;
  readonly file: string;
  /** Beside the file, so that what it imports is found. */
  readonly changed: string;
  /** Those most likely to fail first. */
  readonly tests: readonly string[];
}

const AT_ONCE = 25;

/** The ids of those that were noticed. */
export async function tryMutants(copy: Copy, trials: readonly Trial[]): Promise<ReadonlySet<string>> {
  const noticed = new Set<string>();
  let left = trials;
  while (left.length > 0) {
    const batch = left.slice(0, AT_ONCE);
    const { ended, said } = await tryBatch(copy, batch);
    for (const id of said("noticed")) noticed.add(id);
    if (ended !== "stopped") {
      left = left.slice(batch.length);
      continue;
    }
    // All are loaded before the first is run.
    const loaded = said("loaded").length;
    const culprit = loaded < batch.length ? batch[loaded]?.id : (said("begun").at(-1) ?? batch[0]?.id);
    noticed.add(culprit ?? "");
    const done = loaded < batch.length ? [culprit] : said("begun");
    left = left.filter(({ id }) => !done.includes(id));
  }
  return noticed;
}

async function tryBatch({ folder, run }: Copy, batch: readonly Trial[]) {
  const [list, log] = [join(folder, ".trials.json"), join(folder, ".trials.log")];
  writeFileSync(list, JSON.stringify(batch));
  writeFileSync(log, "");
  const ended = await run(
    ["test/mutation/trial.ts"],
    ["--testMatch", "**/test/mutation/trial.ts", "--env", join(__dirname, "trial-environment.js")],
    { MUTATION_TRIALS: list, MUTATION_LOG: log },
  );
  const lines = readFileSync(log, "utf8").split("\n");
  const said = (what: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
  return { ended, said };
}
