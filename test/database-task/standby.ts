/** A read replica of a test's PostgreSQL server, made with its own programs; `stop` ends it and removes its folder. */
import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "../../local/servers/free-port";
import type { PostgresServer } from "../support/postgres";

export interface Standby {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

export const startStandby = async (primary: PostgresServer): Promise<Standby> => {
  const programs = primary.programsPattern.replaceAll("{major}", String(primary.major));
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  // The server refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  const folder = mkdtempSync(join(tmpdir(), "standby-"));
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const { host, user, password } = primary;
  const address = ["-h", host, "-p", String(primary.port), "-U", user];
  const env = { ...process.env, PGPASSWORD: password };
  execFileSync(
    join(programs, "pg_basebackup"),
    ["-D", data, ...address, "-R", "-X", "stream", "-c", "fast", "--no-sync"],
    {
      ...owner,
      env,
      cwd: folder,
      stdio: "ignore",
    },
  );
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`];
  const server = spawn(join(programs, "postgres"), ["-D", data, ...SIZES, ...settings].flatMap(asOption), {
    ...owner,
    env,
    cwd: folder,
    stdio: "ignore",
  });
  for (let tries = 0; ; tries++) {
    const client = new Client({ host, port, user, password, database: "postgres" });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`The standby ended with ${server.exitCode}.`, { cause: error });
      if (tries > 600) throw error;
      await sleep(100);
    }
  }
  return {
    port,
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** A replica must have room for what its primary may have. */
const SIZES = [
  "max_connections=60",
  "max_prepared_transactions=5",
  "max_replication_slots=8",
  "dynamic_shared_memory_type=mmap",
  "allow_in_place_tablespaces=on",
  "fsync=off",
];
const asOption = (word: string): string[] => (word.includes("=") ? ["-c", word] : [word]);
