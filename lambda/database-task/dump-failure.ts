/**
 * Why pg_dump failed, out of what it said: the cause in plain words, with the table it concerns, and what to do. What
 * isn't known here is told with pg_dump's last words. Pure.
 */
import { ServiceFailure } from "../runtime/collaborators";
import { type DatabaseLogin, serverOf } from "./database-login";
import { lastWords, type ProgramEnd } from "./run-program";

interface Said {
  /** The match of the cause's pattern. */
  readonly part: (number: number) => string;
  /** The table (or sequence) of the statement that failed, with its schema; empty where none is named. */
  readonly table: string;
  readonly user: string;
}
interface Cause {
  readonly pattern: RegExp;
  readonly name: string;
  /** False: another attempt fails the same way. */
  readonly retryable: boolean;
  readonly sentence: (said: Said) => string;
}

/** The first that matches counts. */
const CAUSES: readonly Cause[] = [
  {
    // Lengths beyond any value's are those of damaged rows, which come further down.
    pattern: /invalid memory alloc request size \d{1,10}\b|[Cc]annot enlarge string buffer/,
    name: "ValueTooLarge",
    retryable: false,
    sentence: ({ table }) =>
      `a row of the table ${table} is larger than a dump can hold, which is 1 GB of text, and half of that for binary data; register the environment with "backup": "recovery-point", which has no such limit`,
  },
  {
    pattern: /query would be affected by row-level security policy for table "(.+)"/,
    name: "RowSecurityForced",
    retryable: false,
    sentence: ({ table, part, user }) =>
      `row security of the table ${table || part(1)} holds for "${user}" too, and a dump is never made of the rows that one may see; give "${user}" BYPASSRLS, or register a superuser`,
  },
  {
    pattern: /ERROR: +permission denied for (schema|sequence|large object) (\S+)/,
    name: "PermissionMissing",
    retryable: false,
    sentence: ({ part, user, table }) =>
      `"${user}" may not read the ${part(1)} ${part(1) === "sequence" && table !== "" ? table : part(2)}; grant it ${part(1) === "schema" ? "USAGE" : "SELECT"} on that`,
  },
  {
    pattern: /ERROR: +permission denied for (?:table|view|materialized view|foreign table|relation) (\S+)/,
    name: "PermissionMissing",
    retryable: false,
    sentence: ({ part, user, table }) =>
      `"${user}" may not read the table ${table || part(1)}; grant it SELECT on that, or the role pg_read_all_data`,
  },
  {
    pattern: /ERROR: +permission denied for (.+)/,
    name: "PermissionMissing",
    retryable: false,
    sentence: ({ part, user }) => `"${user}" may not use the ${part(1)}; grant it that`,
  },
  {
    pattern: /canceling statement due to (?:statement|lock) timeout/,
    name: "TableLocked",
    retryable: true,
    sentence: ({ table }) =>
      `another session kept ${table === "" ? "a table" : `the table ${table}`} locked for longer than the dump waits; end that session, or keep such work out of the hour of the backup`,
  },
  {
    pattern: /too many connections|too many clients|remaining connection slots/,
    name: "TooManyConnections",
    retryable: true,
    sentence: ({ user }) =>
      `a dump needs two connections at a time and the server had none left; raise the connection limit of "${user}", of the database or of the server`,
  },
  {
    pattern: /max_locks_per_transaction/,
    name: "TooManyLocks",
    retryable: false,
    sentence: () =>
      "a dump locks every table, and the server has no room for so many locks; raise its max_locks_per_transaction",
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    name: "ServerFull",
    retryable: false,
    sentence: () => "the server's storage is full; give it more room",
  },
  {
    pattern: /conflict with recovery|during recovery|recovery is in progress/,
    name: "DatabaseIsReplica",
    retryable: true,
    sentence: () =>
      "the registered server is a read replica, which may end long reading; register the primary, or set hot_standby_feedback there",
  },
  {
    pattern: /invalid snapshot identifier/,
    name: "SnapshotLost",
    retryable: true,
    sentence: () =>
      "the transaction whose snapshot is dumped had ended, as it does when the server restarts or ends idle transactions; see that nothing ends them",
  },
  {
    pattern:
      /server closed the connection|terminating connection|connection to server was lost|SSL SYSCALL|could not receive data/,
    name: "DatabaseUnreachable",
    retryable: true,
    sentence: () => "the connection broke; see whether the server restarted, or somebody ended the session",
  },
  {
    pattern: /(role|schema|type|function|table|extension)? ?with OID \d+ does not exist/,
    name: "CatalogDamaged",
    retryable: false,
    sentence: ({ part }) =>
      `the database refers to a ${part(1) || "thing"} that its server no longer has; give what refers to it another one, or drop that`,
  },
  {
    pattern:
      /invalid page in block|could not read block|could not open file|missing chunk number|unexpected chunk|compressed \S+ data is corrupt|invalid memory alloc request size/,
    name: "TableDamaged",
    retryable: true,
    sentence: ({ table }) =>
      `${table === "" ? "a table" : `the table ${table}`} is damaged on its server; have it repaired there, and take the rows from an earlier snapshot`,
  },
  {
    pattern: /cache lookup failed|could not open relation with OID|relation "?.+"? does not exist/,
    name: "DatabaseChanging",
    retryable: true,
    sentence: () =>
      "tables were dropped or rebuilt while the dump began; keep migrations out of the hour of the backup",
  },
];

/** Sentences begin with whose dump failed, and end with pg_dump's own words. */
export const dumpFailure = (
  end: ProgramEnd,
  login: Pick<DatabaseLogin, "database" | "user" | "host" | "port">,
): ServiceFailure => {
  const lines = end.lines.filter((line) => !STATEMENT.test(line));
  const said = lines.join("\n");
  const words = lastWords({ ...end, lines });
  const what = `pg_dump of the database "${login.database}" on ${serverOf(login)} failed`;
  for (const { pattern, name, retryable, sentence } of CAUSES) {
    const match = pattern.exec(said);
    if (match === null) continue;
    const part = (number: number): string => match[number] ?? "";
    const cause = sentence({ part, table: tableOf(end.lines), user: login.user });
    return new ServiceFailure(name, `${what}: ${cause} (${words.replace(/\.$/, "")}).`, retryable);
  }
  return new ServiceFailure("DumpFailed", `${what}: ${words}`, true);
};

/** The statement that failed: it may hold anything, such as a column's name that reads like an error. */
const STATEMENT = /^pg_dump: detail: (?:Command|Query) was: /;
const NAME = String.raw`(?:"(?:[^"]|"")*"|[^\s".,;()]+)`;
const STATEMENT_TABLE = new RegExp(String.raw`was: (?:COPY|LOCK TABLE|SELECT .* FROM)(?: ONLY)? (${NAME}\.${NAME})`);

const tableOf = (lines: readonly string[]): string => {
  for (const line of lines) {
    const named = STATEMENT_TABLE.exec(line)?.[1];
    if (named !== undefined && !named.startsWith("pg_catalog.")) return named;
  }
  return /contents of table "(.+)" failed/.exec(lines.join("\n"))?.[1] ?? "";
};
