/**
 * Examines an uploaded dump without storing it: its frame byte by byte, and what is in it by pg_restore, which turns
 * the whole of it into SQL that nobody reads. Nothing is left behind.
 */
import { recordedNeeds } from "../dump/restore-needs";
import { DumpScanner } from "../upload/dump-scanner";
import type { DumpHead } from "../upload/dump-toc";
import { rolesOfPolicy } from "../upload/policy-roles";
import { UPLOAD_AGAIN, UploadRefused } from "../upload/refusal";
import type { DatabaseEntry } from "../snapshot/manifest";
import type { SnapshotWarning } from "../snapshot/warnings";
import type { Toolset } from "./client-programs";
import { inputOf, lastWords, withProgram } from "./run-program";

export type UploadedDumpFacts = Pick<
  DatabaseEntry,
  | "dumpSize"
  | "serverVersion"
  | "dumpVersion"
  | "encoding"
  | "collate"
  | "ctype"
  | "extensions"
  | "policyRoles"
  | "customisations"
  | "privileges"
  | "roles"
  | "owners"
  | "owner"
  | "tablespaces"
  | "needsSuperuser"
>;
export interface ExaminedDump {
  readonly facts: UploadedDumpFacts;
  readonly warnings: readonly SnapshotWarning[];
}

/** Throws UploadRefused, also where pg_restore can't read what looks whole. */
export const examineDump = async (
  dump: AsyncIterable<Uint8Array>,
  tools: Toolset,
  signal: AbortSignal,
): Promise<ExaminedDump> =>
  withProgram(tools.restore, ["--file=/dev/null"], null, signal, async (running) => {
    running.stdout.resume();
    const scanner = new DumpScanner(tools.major);
    const give = inputOf(running);
    for await (const piece of dump) {
      scanner.feed(piece);
      await give(piece);
    }
    const { head, size } = scanner.finish();
    running.stdin.end();
    const end = await running.ended;
    signal.throwIfAborted();
    if (end.code !== 0)
      throw new UploadRefused(`pg_restore can't read its database dump (${plain(lastWords(end))})`, UPLOAD_AGAIN);
    return { facts: factsOf(head, size), warnings: head.warnings };
  });

/** What a dump doesn't say, such as the versions of extensions, stays empty. */
const factsOf = (head: DumpHead, dumpSize: number): UploadedDumpFacts => ({
  dumpSize,
  serverVersion: firstWord(head.serverVersion),
  dumpVersion: firstWord(head.dumpVersion),
  encoding: head.encoding,
  collate: "",
  ctype: "",
  extensions: head.extensions.map((name) => ({ name, version: "" })),
  customisations: [...head.customisations],
  privileges: head.privileges,
  ...recordedNeeds(head.needs),
  policyRoles: [...new Set(head.policies.flatMap(rolesOfPolicy))].toSorted(),
});

/** "15.18 (Debian 15.18-0+deb12u1)": the packager's part is no fact of the database. */
const firstWord = (version: string): string => version.split(" ")[0] ?? "";
/** Without the program's own name, and without what a hostile dump may have put into it. */
const plain = (words: string): string =>
  words
    .replace(/^pg_restore: (error: )?/, "")
    .replace(/[^\x20-\x7e]/g, "?")
    .replace(/\.$/, "");
