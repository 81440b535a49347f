/**
 * A private PostgreSQL server on loopback, for throw-away data: its own folder, a random port, a password for
 * everybody, no durability. PostgreSQL refuses to run as root, so root hands it to an ordinary user.
 */
import { execFileSync } from "node:child_process";
import { accessSync, chownSync, constants, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SetupFailure } from "../setup/programs";
import { endProcess, runProgram, startProcess, watchFolder } from "./child-processes";
import { freePort } from "./free-port";

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
  readonly password: string;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Folder of `initdb` and `postgres`. */
  readonly programs: string;
  /** Where the server's own folder goes, if an ordinary user can reach it. */
  readonly folder: string;
  readonly password: string;
}

export const startPostgres = async ({ programs, folder, password }: PostgresOptions): Promise<PostgresServer> => {
  const user = ordinaryUser();
  const home = serverFolder(folder, user);
  const data = join(home, "data");
  const as = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const passwordFile = join(home, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const made = await runProgram(
    join(programs, "initdb"),
    [
      "-D",
      data,
      "-U",
      "postgres",
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ],
    { ...as, cwd: home },
  );
  rmSync(passwordFile);
  if (made.code !== 0) throw new SetupFailure(`PostgreSQL's initdb failed: ${lastLine(made.output)}.`);
  const port = await freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: "off",
    full_page_writes: "off",
    synchronous_commit: "off",
    max_connections: 60,
    max_wal_size: "2GB",
  };
  const child = startProcess(
    join(programs, "postgres"),
    ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { ...as, cwd: home, stdio: ["ignore", "ignore", "pipe"] },
    "SIGINT",
  );
  let log = "";
  child.stderr?.on("data", (piece: Buffer) => (log = (log + piece.toString()).slice(-20_000)));
  const limit = Date.now() + 30_000;
  while (!log.includes("ready to accept connections")) {
    if (child.exitCode !== null || Date.now() > limit)
      throw new SetupFailure(`PostgreSQL did not start: ${lastLine(log)}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
  const stop = async (): Promise<void> => {
    await endProcess(child, "SIGINT");
    rmSync(home, { recursive: true, force: true });
  };
  return { host: "127.0.0.1", port, superuser: "postgres", password, stop };
};

const lastLine = (output: string): string => (output.trim().split("\n").at(-1) ?? "").replace(/\.$/, "");

interface OrdinaryUser {
  readonly uid: number;
  readonly gid: number;
}

const ordinaryUser = (): OrdinaryUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user here; the next one.
    }
  }
  throw new SetupFailure(
    "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: run as an ordinary user.",
  );
};

/** In `folder`, or where every user may look if `folder` lies below a private one such as /root. */
const serverFolder = (folder: string, user: OrdinaryUser | undefined): string => {
  mkdirSync(folder, { recursive: true });
  const reachable = user === undefined || isOpenToAll(folder);
  const home = mkdtempSync(join(reachable ? folder : tmpdir(), "postgres-"));
  watchFolder(home);
  if (user !== undefined) chownSync(home, user.uid, user.gid);
  return home;
};

const isOpenToAll = (folder: string): boolean => {
  accessSync(folder, constants.R_OK);
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
};
