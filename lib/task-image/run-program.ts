/** Runs a program of this machine to its end. */
import { execFileSync } from "node:child_process";
import { BuildImageError } from "./build-image-error";

/** Standard output. Throws BuildImageError, `output` holding what the program wrote to standard error. */
export type RunProgram = (program: "docker" | "aws", args: readonly string[], input?: string) => string;

/** A build on an emulated processor that pushes to seventeen regions takes its time; one that hangs does not take forever. */
const LIMIT_MS = 2 * 60 * 60_000;

export class ProgramFailed extends BuildImageError {
  override name = "ProgramFailed";
  constructor(
    message: string,
    readonly output: string,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const runProgram: RunProgram = (program, args, input) => {
  const words = [program, ...args.slice(0, 2)].join(" ");
  try {
    return execFileSync(program, [...args], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      timeout: LIMIT_MS,
      ...(input === undefined ? {} : { input }),
      stdio: ["pipe", "pipe", "pipe"],
    });
  } catch (error) {
    const { code, stderr } = error as Error & { code?: string; stderr?: string };
    if (code === "ENOENT")
      throw new BuildImageError(
        `The program ${program} is missing; ${program === "docker" ? "install Docker with its plugin buildx" : "install the AWS command line"}, then try again.`,
        { cause: error },
      );
    const output = (stderr ?? "").trim();
    throw new ProgramFailed(`"${words}" failed: ${output.split("\n").at(-1) || (error as Error).message}`, output, {
      cause: error,
    });
  }
};
