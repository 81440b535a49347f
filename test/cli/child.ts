/** The command line as people run it: a process of its own, with pipes. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ApiCommandLine } from "./api-fixture";

const PROGRAM = join(__dirname, "../../bin/backups.mjs");

export interface Running {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly ended: Promise<Ended>;
}
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
  /** The most memory it has had, in bytes; 0 where /proc is not there. */
  readonly peak: number;
}

/** As somebody who signs in to this API, without AWS credentials. */
export const signedIn = (line: ApiCommandLine): Readonly<Record<string, string>> => ({
  BACKUPS_URL: line.server.address,
  BACKUPS_USERNAME: "admin",
  BACKUPS_API_KEY: line.world.keyOf("admin"),
});

export function start(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  program: readonly string[] = [PROGRAM],
): Running {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [...program, ...args], {
    env: {
      PATH,
      HOME,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      ...variables,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  // A child that ends before it has read everything is what some of these tests are about.
  stdin.on("error", () => undefined);
  let err = "";
  stderr.on("data", (piece: Buffer) => {
    err += piece.toString();
  });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  }, 25);
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      clearInterval(look);
      resolve({ code, signal, err, peak });
    });
  });
  return { child, stdin, stdout, ended };
}

/** With a reader that is gone before the first byte: what `| head -0` is. */
export async function withoutReader(...given: Parameters<typeof start>): Promise<Ended> {
  const { stdin, stdout, ended } = start(...given);
  stdout.destroy();
  stdin.end();
  return ended;
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0") * 1024;
  } catch {
    return 0;
  }
}
