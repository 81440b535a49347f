/**
 * `npm run mutate -- <folder or file under lambda>... [--test <file>...]`: breaks the code one small change at a time,
 * on a copy of the tree, and says which changes no test notices. Ends with 1 when there are some that `known.ts` doesn't
 * explain. Tests are those of the folder that run the changed line, or those given.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { copyTree, type Copy } from "./copy-tree";
import { coveringTests, type Covering } from "./covering";
import { known } from "./known";
import { mutantsOf, mutated, type Mutant } from "./mutants";
import { featureOf, testsOf } from "./test-folders";
import { tryMutants, type Trial } from "./try-mutants";

const PROJECT = join(__dirname, "../..");
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const filesIn = (path: string): readonly string[] =>
  statSync(join(PROJECT, path)).isFile()
    ? [path]
    : (readdirSync(join(PROJECT, path), { recursive: true }) as string[]).toSorted().map((name) => join(path, name));

/** Tests on a server take too long for this. */
const isQuick = (file: string): boolean => file.endsWith(".test.ts") && !/\/on-[^/]+$/.test(file);

/** The number of changes that nothing noticed. */
async function mutateAll(
  feature: string,
  sources: readonly string[],
  copy: Copy,
  given?: readonly string[],
): Promise<number> {
  const covering =
    given === undefined
      ? await coveringTests(copy, sources, testsOf(feature).flatMap(filesIn).filter(isQuick))
      : () => given;
  let [all, explained, survived] = [0, 0, 0];
  for (const path of sources) {
    const source = readFileSync(join(copy.folder, path), "utf8");
    const mutants = mutantsOf(source);
    const noticed = await tryMutants(copy, trialsOf(path, source, mutants, copy, covering));
    for (const [id, mutant] of mutants.entries()) {
      all += 1;
      if (noticed.has(String(id))) continue;
      const reason = known(path, source, mutant);
      if (reason === undefined) survived += 1;
      else explained += 1;
      say(`${path}:${mutant.line}  ${mutant.what}${reason === undefined ? "" : `  (known: ${reason})`}`);
    }
  }
  say(
    `${feature}: ${all} changes, ${all - explained - survived} noticed, ${explained} explained, ${survived} unnoticed`,
  );
  return survived;
}

/** What no test runs needs no trial. */
const trialsOf = (
  path: string,
  source: string,
  mutants: readonly Mutant[],
  { folder }: Copy,
  covering: Covering,
): readonly Trial[] =>
  mutants.flatMap((mutant, id) => {
    const tests = covering(path, mutant.line).map((test) => join(folder, test));
    if (tests.length === 0) return [];
    const file = join(folder, path);
    const changed = file.replace(/\.ts$/, `.changed-${id}.ts`);
    writeFileSync(changed, mutated(source, mutant));
    return [{ id: String(id), file, changed, tests }];
  });

const main = async (): Promise<void> => {
  const copy = copyTree(PROJECT);
  const stop = (): never => process.exit(1);
  process.on("exit", copy.remove).on("SIGINT", stop).on("SIGTERM", stop);
  const { values, positionals } = parseArgs({
    options: { test: { type: "string", multiple: true } },
    allowPositionals: true,
  });
  const files = positionals.flatMap(filesIn).filter((file) => file.endsWith(".ts"));
  let survived = 0;
  for (const feature of new Set(files.map(featureOf)))
    survived += await mutateAll(
      feature,
      files.filter((file) => featureOf(file) === feature),
      copy,
      values.test,
    );
  process.exitCode = survived > 0 ? 1 : 0;
};

void main();
