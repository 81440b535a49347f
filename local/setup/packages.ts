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
  await tryToRun("apt-get", ["update", "-q"], env);
  return (await tryToRun("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], env)).said;
};

export interface Tried {
  /** Null where the program did not start. */
  readonly code: number | null;
  /** Its last line, or the one that tells the error; or why it did not start. */
  readonly said: string;
}

export const tryToRun = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Tried> => {
  try {
    const { code, output } = await runProgram(program, args, { env });
    const lines = output.trim().split("\n");
    const telling = lines.findLast((line) => /^E(RROR)?:|space left|Temporary failure/i.test(line)) ?? lines.at(-1);
    return { code, said: (telling ?? "").trim().replace(/\.$/, "") };
  } catch (error) {
    return { code: null, said: (error as Error).message };
  }
};
