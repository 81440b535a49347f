import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPrograms } from "../../local/setup/programs";

let privateFolder: string;
const said: string[] = [];
const say = (text: string): void => void said.push(text);
beforeEach(() => {
  said.length = 0;
  privateFolder = mkdtempSync(join(tmpdir(), "programs-"));
});
afterEach(() => rmSync(privateFolder, { recursive: true, force: true }));

test("it finds PostgreSQL and moto on this machine, and says nothing", async () => {
  const programs = await findPrograms({ privateFolder, say });
  expect(programs.postgresqlMajor).toBeGreaterThanOrEqual(13);
  expect(programs.moto).toMatch(/moto_server$/);
  expect(said).toEqual([]);
});

/** A folder for PATH with programs that do what the test says. */
const pathWith = (programs: Readonly<Record<string, string>>): string => {
  const folder = join(privateFolder, "programs");
  mkdirSync(folder);
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
};
/** `python3 -m venv <folder>` that makes an environment with this `pip`. */
const venvWithPip = (pip: string): string =>
  `[ "$1" = --version ] && exit 0; /bin/mkdir -p "$3/bin"; printf '#!/bin/sh\\n%s\\n' '${pip}' > "$3/bin/pip"; /bin/chmod +x "$3/bin/pip"`;

test.each([
  [
    "no Python",
    {},
    "so is Python: install Python 3 with its venv module (Debian, Ubuntu: apt-get install python3-venv)",
  ],
  [
    "a Python without pip",
    { python3: '[ "$1" = --version ] && exit 0; echo "No module named venv"; exit 1' },
    "Python can't make an environment to install it in (No module named venv): install pip and the venv module",
  ],
  [
    "a Python on a full disk",
    { python3: '[ "$1" = --version ] && exit 0; echo "OSError: [Errno 28] No space left on device"; exit 1' },
    "Python can't make an environment to install it in (OSError: [Errno 28] No space left on device): make room on the disk",
  ],
  [
    "no network",
    { python3: venvWithPip('echo "ERROR: No matching distribution found for moto"; echo "hint"; exit 1') },
    "pip could not install it (ERROR: No matching distribution found for moto): let the machine reach pip's index",
  ],
  [
    "a disk that fills up",
    { python3: venvWithPip('echo "ERROR: [Errno 28] No space left on device"; exit 1') },
    "pip could not install it (ERROR: [Errno 28] No space left on device): make room on the disk",
  ],
])("without moto and with %s it says in one sentence what to do", async (_, programs, sentence) => {
  const variables = { PATH: pathWith(programs) };
  const failure = await findPrograms({ privateFolder, say, variables }).catch((error: Error) => error);
  expect((failure as Error).name).toBe("SetupFailure");
  expect((failure as Error).message).toContain(`moto_server, the local AWS, is missing, and ${sentence}`);
  expect((failure as Error).message).toMatch(/, then try again\.$/);
  expect(said).toEqual(["installing moto with pip, about 350 MB, once"]);
  expect(existsSync(join(privateFolder, "moto", "bin", "moto_server"))).toBe(false);
});

test("without PostgreSQL, and not allowed to install it, it says in one sentence what to install", async () => {
  const machine = { privateFolder, say, variables: { PATH: privateFolder }, postgresqlVersions: privateFolder };
  await expect(findPrograms({ ...machine, mayInstallPackages: false })).rejects.toThrow(
    /^PostgreSQL is missing: install its server and client programs \(.*apt-get install postgresql.*\), then try again\.$/,
  );
  expect(said).toEqual([]);
});
