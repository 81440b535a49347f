/** A copy of the tree to break, and Jest on it: a process that ends at its time limit, and with this one. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** `stopped`: by the limit of time, or for want of memory. */
export type Ended = "passed" | "failed" | "stopped";
export interface Copy {
  readonly folder: string;
  readonly run: (
    tests: readonly string[],
    options: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ended>;
  readonly remove: () => void;
}

/** Not copied: what is made from the rest, and what is large. */
const LEFT_OUT = /^(node_modules|cdk\.out|coverage|\.git|\.local|\.build.*)$/;
const MEMORY_MIB = 1536;
/** Of processor time, however busy the machine is: a change may make a loop that never ends. */
const LIMITED = 'ulimit -t 90; exec "$@"';

/** One of the same few names, for which Jest keeps what it has compiled. */
function freeFolder(): string {
  for (let number = 1; ; number++) {
    const folder = join(tmpdir(), `nightly-backups-mutation-${number}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** The tree as it stands; its modules are shared. */
export function copyTree(project: string): Copy {
  const folder = freeFolder();
  cpSync(project, folder, { recursive: true, filter: (path) => path === project || !LEFT_OUT.test(basename(path)) });
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
  let stop = (): void => undefined;
  const jest = join(project, "node_modules/jest/bin/jest.js");
  return {
    folder,
    run: (tests, options, env = {}) =>
      new Promise((resolve, reject) => {
        const node = [process.execPath, `--max-old-space-size=${MEMORY_MIB}`, jest, "-w", "1"];
        const child = spawn("sh", ["-c", LIMITED, "sh", ...node, ...options, "--runTestsByPath", ...tests], {
          cwd: folder,
          stdio: "ignore",
          env: { ...process.env, ...env },
        });
        stop = () => void child.kill("SIGKILL");
        child.on("error", reject);
        child.on("exit", (code) => resolve(code === 0 ? "passed" : code === 1 ? "failed" : "stopped"));
      }),
    remove: () => {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
