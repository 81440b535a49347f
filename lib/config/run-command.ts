/**
 * Runs one of the project's own commands: a failure that it expects ends in one sentence and exit code 1, and a reader
 * that has seen enough ends it quietly.
 */
import { endWhenOutputCloses } from "./closed-output";

type ErrorClass = abstract new (...words: never[]) => Error;

/** `main` answers the exit code, or nothing for 0. Errors that are not `expected` are thrown on. */
export const runCommand = (main: () => number | void, expected: readonly ErrorClass[]): void => {
  endWhenOutputCloses();
  try {
    process.exitCode = main() ?? 0;
  } catch (error) {
    const known = expected.some((kind) => error instanceof kind);
    if (!known) throw error;
    console.error((error as Error).message);
    process.exitCode = 1;
  }
};
