/**
 * The processes that the local run starts. All of them end with it: on a signal, on an error, at the end, and by the
 * watchdog when the run is killed.
 */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { join } from "node:path";
import type { Writable } from "node:stream";

/** With the signal that each of them understands as "end". */
const running = new Map<ChildProcess, NodeJS.Signals>();

/** Where the watchdog reads, once a run has one. */
let watchdog: Writable | undefined;

/** From now on nothing outlives this process, even where it is killed. Tests have no need of it. */
export const startWatchdog = (): void => {
  if (watchdog !== undefined) return;
  const child = spawn(process.execPath, [join(__dirname, "watchdog.mjs")], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
  });
  child.on("error", () => undefined);
  child.unref();
  watchdog = child.stdin;
  // It only helps where all else fails: a run goes on without it.
  watchdog.on("error", () => undefined);
  (child.stdin as unknown as { unref(): void }).unref();
};

/** `folder` goes with the run when that is killed. */
export const watchFolder = (folder: string): void => void watchdog?.write(`+folder ${folder}\n`);
export const keepFolder = (folder: string): void => void watchdog?.write(`-folder ${folder}\n`);

/** Ends `child` with the run. */
export const keepTrack = (child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): ChildProcess => {
  running.set(child, signal);
  const { pid } = child;
  if (pid !== undefined) watchdog?.write(`+process ${pid}\n`);
  child.once("exit", () => {
    running.delete(child);
    watchdog?.write(`-process ${pid}\n`);
  });
  // A program that can't be started never exits.
  child.once("error", () => running.delete(child));
  return child;
};

export const startProcess = (
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  signal?: NodeJS.Signals,
): ChildProcess => keepTrack(spawn(program, args, options), signal);

/** Asks every process to end, and insists after a while. */
export const endProcesses = async (): Promise<void> => {
  await Promise.all([...running].map(([child, signal]) => endProcess(child, signal)));
};

export const endProcess = async (child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  const insist = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(insist);
};

/** The last resort when Node itself ends: nothing asynchronous can run any more. */
process.on("exit", () => {
  for (const child of running.keys()) child.kill("SIGKILL");
});

export interface ProgramResult {
  readonly code: number | null;
  readonly output: string;
}
/** Runs a program to its end; `output` is the last of what it printed. */
export const runProgram = (
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const child = startProcess(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const collect = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(-20_000);
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
