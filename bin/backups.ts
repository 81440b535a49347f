/** The command line's entry point: real clients, real files, real time. Everything else is in command-line/. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { userInfo } from "node:os";
import { endWhenOutputCloses } from "../lib/config/closed-output";
import { openCatalogTable } from "./command-line/catalog-client";
import { connectDeployment } from "./command-line/deployment-client";
import { openRecovery } from "./command-line/recovery-client";
import { runCommandLine } from "./command-line/run-command-line";
import { openSnapshotStorage } from "./command-line/storage-client";
import { startTerminalBar } from "./command-line/terminal-bar";

const GIT_MS = 1_000;
/** 128 and SIGPIPE's number, with which every program ends whose bytes nobody takes any more. */
const CUT_SHORT = 141;
/** Bytes that are cut short are no archive; a list whose reader has seen enough is one. */
let codeWhenClosed = 0;
endWhenOutputCloses(() => codeWhenClosed);

void runCommandLine(process.argv.slice(2), {
  connect: connectDeployment,
  openStorage: openSnapshotStorage,
  openCatalog: openCatalogTable,
  openRecovery,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  standardInput: () => process.stdin,
  standardOutput: () => {
    codeWhenClosed = CUT_SHORT;
    return process.stdout;
  },
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  ask,
  commit,
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

/** On standard error, so that an answer on standard output stays an answer. The end of input is an empty answer. */
async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once("close", () => ended.abort());
  try {
    return await terminal.question(question, { signal: ended.signal });
  } catch {
    process.stderr.write("\n");
    return "";
  } finally {
    terminal.close();
  }
}

/** Of the checkout that this file is in, and none of a folder around it. */
async function commit(): Promise<string | undefined> {
  const project = join(__dirname, "..");
  const words = ["-C", project, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
  return new Promise((resolve) => {
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(project) };
    execFile("git", words, { timeout: GIT_MS, encoding: "utf8", env }, (error, said) =>
      resolve(error === null && /^[0-9a-f]{12,}(-dirty)?$/.test(said.trim()) ? said.trim() : undefined),
    );
  });
}
