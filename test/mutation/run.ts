/**
 * `npm run mutate -- <folder or file under lambda>...`: breaks the code one small change at a time, on a copy of the
 * tree, and says which changes no test notices. Ends with 1 when there are some that `known.ts` doesn't explain.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { coveringTests } from "./covering";
import { known } from "./known";
import { mutantsOf, mutated, type Mutant } from "./mutants";
import { copyTree, type Copy } from "./test-run";
import { featureOf, testsOf } from "./test-folders";

const PROJECT = join(__dirname, "../..");
/** A mutant may loop for ever. */
const LIMIT_FACTOR = 3;
const LIMIT_LEAST_MS = 20_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const filesIn = (path: string): readonly string[] =>
  statSync(join(PROJECT, path)).isFile()
    ? [path]
    : (readdirSync(join(PROJECT, path), { recursive: true }) as string[]).toSorted().map((name) => join(path, name));

/** Tests on a server take too long for this. */
const isQuick = (file: string): boolean => file.endsWith(".test.ts") && !/\/on-[^/]+$/.test(file);

/** The number of changes that nothing noticed. */
function mutateAll(feature: string, sources: readonly string[], { folder, run }: Copy): number {
  const covering = coveringTests(run, folder, sources, testsOf(feature).flatMap(filesIn).filter(isQuick));
  const limit = Math.max(LIMIT_LEAST_MS, LIMIT_FACTOR * covering.milliseconds);
  let [all, explained, survived] = [0, 0, 0];
  for (const file of sources) {
    const source = readFileSync(join(folder, file), "utf8");
    const isNoticed = (mutant: Mutant): boolean => {
      const able = covering.testsOf(file, mutant.line);
      if (able.length === 0) return false;
      try {
        writeFileSync(join(folder, file), mutated(source, mutant));
        return run(able, [], limit) !== "passed";
      } finally {
        writeFileSync(join(folder, file), source);
      }
    };
    for (const mutant of mutantsOf(source)) {
      all += 1;
      if (isNoticed(mutant)) continue;
      const reason = known(file, source, mutant);
      if (reason === undefined) survived += 1;
      else explained += 1;
      say(`${file}:${mutant.line}  ${mutant.what}${reason === undefined ? "" : `  (known: ${reason})`}`);
    }
  }
  say(
    `${feature}: ${all} changes, ${all - explained - survived} noticed, ${explained} explained, ${survived} unnoticed`,
  );
  return survived;
}

const copy = copyTree(PROJECT);
const stop = (): never => process.exit(1);
process.on("exit", copy.remove).on("SIGINT", stop).on("SIGTERM", stop);
const files = process.argv
  .slice(2)
  .flatMap(filesIn)
  .filter((file) => file.endsWith(".ts"));
let survived = 0;
for (const feature of new Set(files.map(featureOf)))
  survived += mutateAll(
    feature,
    files.filter((file) => featureOf(file) === feature),
    copy,
  );
process.exitCode = survived > 0 ? 1 : 0;
