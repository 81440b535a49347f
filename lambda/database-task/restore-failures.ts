/**
 * Turns pg_restore's last words into one sentence: what failed, where, and what to do. `RestoreFailed` is the snapshot's
 * or the target's fault and isn't tried again by itself; the words are the server's, in English or not, and quoted.
 */
import { ServiceFailure } from "../runtime/collaborators";

interface Cause {
  readonly words: RegExp;
  readonly code: string;
  readonly advice: string | ((login: string) => string);
  /** Trying again may help. @default false */
  readonly passing?: boolean;
}

const CAUSES: readonly Cause[] = [
  {
    words: /No space left on device|Disk quota exceeded|could not extend file/i,
    code: "ServerFull",
    advice: "give the server more storage",
  },
  {
    words: /out of memory|Cannot allocate memory|invalid memory alloc request size/i,
    code: "ServerOutOfMemory",
    advice: "give the server more memory, or lower its maintenance_work_mem, and try again",
    passing: true,
  },
  {
    words: /out of shared memory|max_locks_per_transaction/i,
    code: "ServerOutOfMemory",
    advice: "raise max_locks_per_transaction at the server, restart it and try again",
  },
  {
    words:
      /server closed the connection|connection to server .* failed|terminating connection|SSL connection has been closed|could not receive data from server|the database system is (?:shutting down|starting up|in recovery mode)/i,
    code: "DatabaseUnreachable",
    advice: "check the server and try again",
    passing: true,
  },
  {
    words: /extension ".*" (?:is not available|has no installation script)|could not open extension control file/i,
    code: "RestoreFailed",
    advice: "install the extension at the target's server, or choose another target",
  },
  {
    words: /could not access file|could not load library|must be loaded via shared_preload_libraries/i,
    code: "RestoreFailed",
    advice:
      "install the library at the target's server (and name it in shared_preload_libraries where it asks for that)",
  },
  {
    words:
      /must be superuser|permission denied to create (?:extension|event trigger|language|access method)|only superusers? can/i,
    code: "PermissionMissing",
    advice: (login) =>
      `the snapshot holds what only a superuser may make: register a login that may, in place of "${login}", or let it be made at the target beforehand`,
  },
  {
    words:
      /permission denied|no privileges could be revoked|not all privileges could be revoked|must be owner of|must be member of role|must be able to SET ROLE/i,
    code: "PermissionMissing",
    advice: (login) => `grant "${login}" that right at the target's server, or the role that has it`,
  },
  {
    words: /role ".*" does not exist/i,
    code: "RestoreFailed",
    advice: "create that role at the target's server",
  },
  {
    words:
      /collation ".*" for encoding|could not create locale|could not open collator|invalid locale name|ICU is not supported/i,
    code: "RestoreFailed",
    advice: "install that locale at the target's server, or choose a target that has it",
  },
  {
    words: /has no equivalent in encoding|invalid byte sequence for encoding|character with byte sequence/i,
    code: "RestoreFailed",
    advice: "choose a target whose database has the snapshot's encoding",
  },
  {
    words: /index row (?:size|requires)|value too long|out of range for type|string buffer/i,
    code: "RestoreFailed",
    advice:
      "a value of the snapshot is too large for the target's server: choose one of the snapshot's own version and settings",
  },
  {
    words: /could not create unique index|duplicate key value/i,
    code: "RestoreFailed",
    advice:
      "rows that were different at the source are equal here: choose a target with the source's locale, or mend the rows there and back up again",
  },
  {
    words: /unrecognized configuration parameter|unsupported version|syntax error/i,
    code: "RestoreFailed",
    advice: "choose a target whose server is of the snapshot's version or newer",
  },
];

/** `where`: the database and its server, as a sentence names them. */
export const restoreFailure = (words: string, where: string, login: string): ServiceFailure => {
  const { code, advice, passing } = CAUSES.find((cause) => cause.words.test(words)) ?? OTHER;
  const mend = typeof advice === "string" ? advice : advice(login);
  return new ServiceFailure(
    code,
    `The restore into the database ${where} failed (${words.replace(/\.$/, "")}); ${mend}.`,
    passing === true,
  );
};

const OTHER: Omit<Cause, "words"> = {
  code: "RestoreFailed",
  advice: "mend that at the target, or choose another snapshot",
  passing: true,
};
