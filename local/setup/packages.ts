/** Debian packages, installed where that is allowed: by root, where apt-get is. */
import { existsSync } from "node:fs";
import { runProgram } from "../servers/child-processes";

export interface PackageMachine {
  readonly say: (text: string) => void;
  /** @default those of this process */
  readonly variables?: NodeJS.ProcessEnv;
  /** @default whether this process is root, and apt-get is there */
  readonly mayInstallPackages?: boolean;
}

export const mayInstall = (machine: Pick<PackageMachine, "mayInstallPackages">): boolean =>
  machine.mayInstallPackages ?? (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"));

/** What apt-get said last: whether it helped is for the caller to see. */
export const installPackages = async (
  machine: PackageMachine,
  what: string,
  packages: readonly string[],
): Promise<string> => {
  machine.say(`installing ${what} with apt-get`);
  const env = { ...(machine.variables ?? process.env), DEBIAN_FRONTEND: "noninteractive" };
  await tryProgram("apt-get", ["update", "-q"], env);
  return tryProgram("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], env);
};

/** The last line that the program printed, or why it did not start. */
export const tryProgram = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> => {
  try {
    const { output } = await runProgram(program, args, { env });
    return output.trim().split("\n").at(-1) ?? "";
  } catch (error) {
    return (error as Error).message;
  }
};
