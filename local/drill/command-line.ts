/** `npx backups --recovery <region> …`, in a process of its own as people run it, with an AWS identity. */
import { join } from "node:path";
import type { LocalApp } from "../local-app";
import { runProgram, type ProgramResult } from "../servers/child-processes";
import { settle, USER } from "../story/story-context";
import type { Regions } from "./set-up-regions";

export type CommandLine = (...args: readonly string[]) => Promise<ProgramResult>;

const PROGRAM = join(__dirname, "..", "..", "bin", "backups.mjs");
const PAUSE_MS = 200;

export const commandLine =
  ({ stage, account, lost }: Pick<Regions, "stage" | "account" | "lost">, recovery: LocalApp): CommandLine =>
  async (...args) => {
    const options = ["--stage", stage, "--account", account, "--recovery", lost.code];
    const command = runProgram(process.execPath, [PROGRAM, ...options, ...args], {
      env: {
        PATH: process.env["PATH"],
        AWS_ENDPOINT_URL: recovery.endpoint.origin,
        AWS_ACCESS_KEY_ID: USER,
        AWS_SECRET_ACCESS_KEY: "local",
      },
    });
    // Workflows that it starts go on in simulated time, which somebody has to move.
    const running = { ended: false };
    const ends = command.finally(() => (running.ended = true));
    while (!running.ended) {
      await settle(recovery);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return ends;
  };
