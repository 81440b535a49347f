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

/** What docker says of a command that it doesn't know. */
const NO_PLUGIN = /is not a docker command|unknown (?:flag|command|shorthand)/;

/** With these environment variables, PATH among them. */
export const programRunner =
  (variables: NodeJS.ProcessEnv): RunProgram =>
  (program, args, input) => {
    try {
      return execFileSync(program, [...args], {
        encoding: "utf8",
        env: variables,
        maxBuffer: 64 * 1024 * 1024,
        timeout: LIMIT_MS,
        ...(input === undefined ? {} : { input }),
        stdio: ["pipe", "pipe", "pipe"],
      });
    } catch (error) {
      throw explain([program, ...args.slice(0, 2)].join(" "), error as ChildFailure);
    }
  };

type ChildFailure = Error & { readonly code?: string; readonly stderr?: string };

const explain = (words: string, error: ChildFailure): BuildImageError => {
  const output = (error.stderr ?? "").trim();
  const isDocker = words.startsWith("docker");
  if (error.code === "ENOENT" || (isDocker && NO_PLUGIN.test(output)))
    return new BuildImageError(
      isDocker
        ? "The program docker is missing, or its plugin buildx; install both, then try again."
        : "The program aws is missing; install the AWS command line, then try again.",
      { cause: error },
    );
  return new ProgramFailed(`"${words}" failed: ${output.split("\n").at(-1) || error.message}`, output, {
    cause: error,
  });
};
