/**
 * A private PostgreSQL server for tests: a fresh cluster in a temporary folder, on a free port of 127.0.0.1 and a unix
 * socket, with password login and no fsync; up in about a second. `stop` (and the end of this process) ends the
 * server and removes the folder. As root it runs as the machine's `postgres` user, which the server insists on.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly socketDirectory: string;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  readonly major: number;
  /** `/usr/lib/postgresql/{major}/bin` */
  readonly programsPattern: string;
  /** Rows of one statement (or of the last of several), as the superuser unless told otherwise. */
  query(database: string, sql: string, values?: unknown[], as?: { user: string; password: string }): Promise<Row[]>;
  /** A connection that the caller ends. */
  connect(database: string, as?: { user: string; password: string }): Promise<Client>;
  stop(): Promise<void>;
}
// oxlint-disable-next-line typescript/no-explicit-any -- rows of any query
export type Row = Record<string, any>;

const ROOT = "/usr/lib/postgresql";
const USER = "postgres";
const PASSWORD = "cluster:secret\\pass word'";

export const startPostgres = async (settings: Record<string, string> = {}): Promise<PostgresServer> => {
  const major = newestMajor();
  const programs = join(ROOT, String(major), "bin");
  const owner = serverUser();
  // A short path: a unix socket's name has room for about 100 bytes.
  const folder = mkdtempSync(join(fastestFolder(), "pg-"));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  execFileSync(
    join(programs, "initdb"),
    [
      "-D",
      data,
      "-U",
      USER,
      "--no-sync",
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
    ],
    { ...owner, stdio: ["ignore", "ignore", "pipe"], cwd: folder },
  );
  const port = await freePort();
  const options = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: folder,
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    shared_buffers: "64MB",
    max_connections: "60",
    max_wal_size: "4GB",
    log_min_messages: "fatal",
    autovacuum: "off",
    // In the folder, so that nothing of a server that was killed stays in the machine's memory.
    dynamic_shared_memory_type: "mmap",
    timezone: "UTC",
    ...settings,
  };
  const server = spawn(
    join(programs, "postgres"),
    ["-D", data, ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      ...owner,
      stdio: "ignore",
      cwd: folder,
    },
  );
  const clean = (): void => {
    server.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", clean);

  const connect = async (database: string, as = { user: USER, password: PASSWORD }): Promise<Client> => {
    const client = new Client({ host: "127.0.0.1", port, database, ...as, connectionTimeoutMillis: 10_000 });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  await untilReady(server, connect);
  return {
    host: "127.0.0.1",
    port,
    socketDirectory: folder,
    user: USER,
    password: PASSWORD,
    major,
    programsPattern: join(ROOT, "{major}", "bin"),
    connect,
    query: async (database, sql, values, as) => {
      const client = await connect(database, as);
      try {
        const result = await client.query<Row>(sql, values);
        return (Array.isArray(result) ? (result.at(-1) as typeof result) : result).rows;
      } finally {
        await client.end();
      }
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      process.off("exit", clean);
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGQUIT");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** Creating a database writes a thousand files, which memory takes three times as fast as a disk. */
const fastestFolder = (): string => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > MEMORY_NEEDED ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
};
const MEMORY = "/dev/shm";
const MEMORY_NEEDED = 4 * 1024 ** 3;

const newestMajor = (): number => {
  const majors = existsSync(ROOT)
    ? readdirSync(ROOT)
        .filter((name) => existsSync(join(ROOT, name, "bin", "initdb")))
        .map(Number)
    : [];
  if (majors.length === 0)
    throw new Error(`These tests need a PostgreSQL server below ${ROOT} (Debian package postgresql).`);
  return Math.max(...majors);
};

const serverUser = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: postgresId("-u"), gid: postgresId("-g") };
};
const postgresId = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));

const freePort = async (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

const untilReady = async (server: ChildProcess, connect: (database: string) => Promise<Client>): Promise<void> => {
  for (let tries = 0; ; tries++) {
    if (server.exitCode !== null) throw new Error(`The PostgreSQL server ended at once, with code ${server.exitCode}.`);
    try {
      await (await connect("postgres")).end();
      return;
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(50);
    }
  }
};
