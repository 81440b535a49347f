/** The command line's entry point: real clients, real files, real time. Everything else is in command-line/. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { userInfo } from "node:os";
import { connectDeployment } from "./command-line/deployment-client";
import { runCommandLine } from "./command-line/run-command-line";

void runCommandLine(process.argv.slice(2), {
  connect: connectDeployment,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  sleep: (milliseconds) => sleep(milliseconds),
  now: () => new Date(),
  user: () => process.env["BACKUPS_USER"] ?? userInfo().username,
  newRequestId: () => randomUUID(),
}).then((code) => {
  process.exitCode = code;
  return code;
});
