/** The command line's entry point: real clients, real files, real time. Everything else is in command-line/. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { userInfo } from "node:os";
import { openCatalogTable } from "./command-line/catalog-client";
import { connectDeployment } from "./command-line/deployment-client";
import { openRecovery } from "./command-line/recovery-client";
import { runCommandLine } from "./command-line/run-command-line";
import { openSnapshotStorage } from "./command-line/storage-client";
import { startTerminalBar } from "./command-line/terminal-bar";

void runCommandLine(process.argv.slice(2), {
  connect: connectDeployment,
  openStorage: openSnapshotStorage,
  openCatalog: openCatalogTable,
  openRecovery,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  sleep: (milliseconds) => sleep(milliseconds),
  now: () => new Date(),
  user: () => process.env["BACKUPS_USER"] ?? userInfo().username,
  newRequestId: () => randomUUID(),
  variables: process.env,
  fetch: (input, init) => fetch(input, init),
  startBar: startTerminalBar,
}).then((code) => {
  process.exitCode = code;
  return code;
});
