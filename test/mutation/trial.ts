/**
 * Not a test of its own: runs test files again and again within one process, each time with one changed file in the
 * place of another. `trial-environment.js` writes down which changes were noticed.
 */
import { appendFileSync, readFileSync } from "node:fs";
import type { Trial } from "./try-mutants";

const { MUTATION_TRIALS = "", MUTATION_LOG = "" } = process.env;
const say = (what: string, id: string): void => appendFileSync(MUTATION_LOG, `${what} ${id}\n`);

for (const { id, file, changed, tests } of JSON.parse(readFileSync(MUTATION_TRIALS, "utf8")) as Trial[])
  describe(id, () => {
    jest.resetModules();
    jest.doMock(file, () => jest.requireActual(changed) as unknown);
    for (const test of tests)
      describe(test, () => {
        try {
          require(test);
        } catch {
          // What can't even be loaded has been noticed.
          say("noticed", id);
        }
      });
    jest.dontMock(file);
    say("loaded", id);
  });
