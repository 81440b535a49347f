/** A run that starts the servers of `npm start` and stays up: what the tests of its end put an end to. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../local/run";
import { startMoto } from "../../local/servers/moto";
import { startPostgres } from "../../local/servers/postgres";
import { findPrograms } from "../../local/setup/programs";

void run({}, async ({ folder, home, undo, progress }) => {
  const programs = await findPrograms({ privateFolder: home, say: () => undefined });
  const logFolder = join(folder, "logs");
  mkdirSync(logFolder);
  const moto = await startMoto({ program: programs.moto, logFolder });
  const postgres = await startPostgres({ programs: programs.postgresql, folder, password: "local" });
  undo.push(() => postgres.stop());
  for (let line = 0; ; line++) {
    progress.line(line === 0 ? `up ${moto.url.port} ${postgres.port} ${folder}` : `line ${line}`);
    if (process.argv[2] === "throw") void Promise.reject(Object.assign(new Error("write"), { code: "ENOSPC" }));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
