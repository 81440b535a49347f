/**
 * The processes that the local run starts. All of them end with it: on a signal, on an error, and at the end.
 */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";

/** With the signal that each of them understands as "end". */
const running = new Map<ChildProcess, NodeJS.Signals>();

/** Ends `child` with the run. */
export const keepTrack = (child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): ChildProcess => {
  running.set(child, signal);
  child.once("exit", () => running.delete(child));
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
