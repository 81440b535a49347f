/**
 * Runs pg_dump or pg_restore. The password reaches it through a temporary file that only we can read, never through
 * its arguments or environment. The program is killed when the signal fires; the file goes with the work, and a task
 * killed outright leaves it in its own container, which goes too.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { APPLICATION_NAME, CONNECT_SECONDS, KEEPALIVE_SECONDS, SESSION_OPTIONS } from "./connection";
import type { DatabaseLogin } from "./database-login";

export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Never rejects: how it ended, and the last lines it said on its error output. */
  readonly ended: Promise<ProgramEnd>;
}
export interface ProgramEnd {
  /** Null when it was killed or couldn't be started. */
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** A program that goes on after an error says some lines for each. */
export const LINES_KEPT = 10_000;
/** What verbose programs say of their progress: everything of their own that is no trouble, nor says whose trouble follows. */
const PROGRESS = /^pg_restore: (?!error: |warning: |fatal: |detail: |hint: |from TOC entry )/;
/** Debian's bundle; `sslrootcert=system` needs a libpq of version 16 or newer. */
const SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

export const withProgram = async <T>(
  program: string,
  args: readonly string[],
  /** Null for work that connects to no server. */
  login: Pick<DatabaseLogin, "password"> | null,
  signal: AbortSignal,
  use: (running: RunningProgram) => Promise<T>,
): Promise<T> => {
  const home = await mkdtemp(join(tmpdir(), "backup-login-"));
  const passfile = join(home, "passfile");
  const stop = new AbortController();
  let running: RunningProgram | undefined;
  try {
    if (login !== null)
      await writeFile(passfile, `*:*:*:*:${login.password.replaceAll(/[\\:]/g, String.raw`\$&`)}\n`, { mode: 0o600 });
    // Nothing of our own environment: it may hold AWS credentials.
    const env = { PGPASSFILE: passfile, HOME: home, PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env,
      signal: AbortSignal.any([signal, stop.signal]),
      killSignal: "SIGKILL",
    });
    running = { stdin: child.stdin, stdout: child.stdout, ended: endOf(child) };
    return await use(running);
  } finally {
    stop.abort();
    running?.stdin.destroy();
    running?.stdout.destroy();
    await running?.ended;
    await rm(home, { recursive: true, force: true });
  }
};

/**
 * Gives a program its input piece by piece, as fast as it takes it. What a program that has ended would have been given
 * is dropped: its exit code tells what there is to know.
 */
export const inputOf = ({ stdin, ended }: RunningProgram): ((piece: Uint8Array) => Promise<void>) => {
  let open = true;
  const gone = ended.finally(() => {
    open = false;
  });
  return async (piece) => {
    if (!open || stdin.write(piece)) return;
    // The listener that loses the race must not stay behind, once for every piece.
    const drained = new AbortController();
    await Promise.race([once(stdin, "drain", { signal: drained.signal }).catch(() => undefined), gone]);
    drained.abort();
  };
};

/** A libpq connection string, without the password. */
export const connectionString = (login: DatabaseLogin, database: string): string =>
  Object.entries({
    host: login.host,
    port: login.port,
    user: login.user,
    dbname: database,
    sslmode: login.ssl,
    // Only for verify-full: a root certificate would turn libpq's "require" into a check of the authority.
    ...(login.ssl === "verify-full" ? { sslrootcert: login.certificates ?? SYSTEM_CERTIFICATES } : {}),
    application_name: APPLICATION_NAME,
    options: `${SESSION_OPTIONS} -c statement_timeout=0 -c lock_timeout=0`,
    connect_timeout: CONNECT_SECONDS,
    keepalives: 1,
    keepalives_idle: KEEPALIVE_SECONDS,
    keepalives_interval: 10,
    keepalives_count: 6,
  })
    .map(([name, value]) => `${name}='${String(value).replaceAll(/[\\']/g, String.raw`\$&`)}'`)
    .join(" ");

/** The last thing a failed program said, for a sentence. */
export const lastWords = (end: ProgramEnd): string =>
  // "Hint" and "Command was" lines follow the line that matters.
  end.lines.findLast((line) => /error:|fatal:/i.test(line)) ??
  end.lines.at(-1) ??
  `it ended with code ${end.code ?? "none"}`;

const endOf = async (child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<ProgramEnd> => {
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (PROGRESS.test(line)) return;
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  });
  // Writing to a program that has gone is told by its exit code, not by the pipe.
  child.stdin.on("error", () => undefined);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      if (child.pid === undefined) resolve({ code: null, lines: [`error: ${error.message}`] });
    });
    child.on("close", (code) => resolve({ code, lines }));
  });
};
