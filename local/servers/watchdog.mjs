/**
 * `node watchdog.mjs`: ends what a run has left when the run itself was killed and could end nothing any more. It reads
 * lines of its standard input (`+process 12`, `-process 12`, `+folder /path`, `-folder /path`) until that closes, which
 * it does with the run, however the run ends.
 */
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";

const processes = new Set();
const folders = new Set();

/** Ctrl-C and a closed terminal reach the whole group: the run ends its processes itself, and this one comes last. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [, sign, kind, what] = /^([+-])(process|folder) (.+)$/.exec(line) ?? [];
  const known = kind === "process" ? processes : folders;
  if (sign === "+") known.add(what);
  else known.delete(what);
});
lines.on("close", () => {
  for (const id of processes) {
    try {
      process.kill(Number(id), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  setTimeout(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  }, 200);
});
