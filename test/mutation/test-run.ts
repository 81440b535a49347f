/** Jest on a copy of the tree: its own process group, which ends at the time limit whatever the tests do. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export type TestOutcome = "passed" | "failed" | "too long";
/** Runs these test files, until the first failure. */
export type TestRun = (tests: readonly string[], options: readonly string[], limitMs: number) => TestOutcome;

const AS_GIVEN = join(__dirname, "as-given.js");
/** Not copied: what is made from the rest, and what is large. */
const LEFT_OUT = /^(node_modules|cdk\.out|coverage|\.git|\.local|\.build.*)$/;

export interface Copy {
  readonly folder: string;
  readonly run: TestRun;
  readonly remove: () => void;
}

/** The tree as it stands; its modules are shared. */
export function copyTree(project: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), "mutation-"));
  cpSync(project, folder, { recursive: true, filter: (path) => path === project || !LEFT_OUT.test(basename(path)) });
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    run: (tests, options, limitMs) => {
      const jest = join(project, "node_modules/jest/bin/jest.js");
      const { status, error } = spawnSync(
        process.execPath,
        [jest, "-w", "1", "--bail", "--testSequencer", AS_GIVEN, ...options, "--runTestsByPath", ...tests],
        {
          cwd: folder,
          stdio: "ignore",
          timeout: limitMs,
          killSignal: "SIGKILL",
        },
      );
      if (error !== undefined && "code" in error && error.code === "ETIMEDOUT") return "too long";
      if (error !== undefined) throw error;
      return status === 0 ? "passed" : "failed";
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
