/**
 * Programs that only tests need: a browser for the page, and a second tar for the archives. Installed where that is
 * allowed; where it isn't, the tests that need them say what is missing.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { installPackages, mayInstall, type PackageMachine } from "../../local/setup/packages";

const PACKAGES = { chromium: "chromium", bsdtar: "libarchive-tools" } as const;
export type TestProgram = keyof typeof PACKAGES;

export const installTestPrograms = async (machine: PackageMachine): Promise<void> => {
  const missing = (Object.keys(PACKAGES) as TestProgram[]).filter((program) => locate(program) === undefined);
  if (missing.length === 0 || !mayInstall(machine)) return;
  await installPackages(
    machine,
    missing.join(" and "),
    missing.map((program) => PACKAGES[program]),
  );
};

/** The program's path. Throws one sentence where it is missing. */
export const testProgram = (program: TestProgram): string => {
  const found = locate(program);
  if (found !== undefined) return found;
  throw new Error(
    `The program ${program} is missing, which this test needs: install it (Debian, Ubuntu: apt-get install ${PACKAGES[program]}), then try again.`,
  );
};

const locate = (program: TestProgram): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
