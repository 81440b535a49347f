/** `npm run bench`: every benchmark in a process of its own; exits with 1 when one misses its limit. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

for (const name of ["merge-index.ts", "synth.ts", "page.ts"]) {
  const { status } = spawnSync(process.execPath, [...process.execArgv, join(__dirname, name)], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
