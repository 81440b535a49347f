import { mkdtempSync, rmSync } from "node:fs";
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

test("without moto and without Python it says in one sentence what to install", async () => {
  await expect(findPrograms({ privateFolder, say, variables: { PATH: privateFolder } })).rejects.toThrow(
    /^moto_server is missing and could not be installed \(.+\): install it with pip install "moto\[server\]==5\.2\.1", then try again\.$/,
  );
  expect(said).toEqual(["installing moto with pip"]);
});

test("without PostgreSQL, and not allowed to install it, it says in one sentence what to install", async () => {
  const machine = { privateFolder, say, variables: { PATH: privateFolder }, postgresqlVersions: privateFolder };
  await expect(findPrograms({ ...machine, mayInstallPackages: false })).rejects.toThrow(
    /^PostgreSQL is missing: install its server and client programs \(.*apt-get install postgresql.*\), then try again\.$/,
  );
  expect(said).toEqual([]);
});
