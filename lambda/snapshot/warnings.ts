/**
 * What a snapshot can't keep, or what a restore of it will meet: each warning has a code and one sentence, stands on the
 * snapshot (API, page, command line) and in every plan to restore it. docs/warnings.md explains them. Pure.
 */
import type { Finding } from "../catalog/items";
import type { Manifest } from "./manifest";

/** Each code, and the code of the plan's own finding that says the same; null: the plan repeats the warning as it is. */
export const SNAPSHOT_WARNINGS = {
  /** An extension that a restore needs at the target's server. */
  ExtensionBeyondDefault: "ExtensionsBeyondDefault",
  /** Foreign tables' data lies elsewhere. */
  ForeignTables: "DatabaseCustomised",
  /** What pg_dump itself warned of. */
  DumpWarned: null,
  /** What pg_dump passes over without a word. */
  NotInDump: null,
  /** The login could not restore it at its own server; the plan judges the target's login by itself. */
  RestoreNeedsRights: "",
  /** Options of user mappings that the login may not see, and a dump by it lacks. */
  UserMappingsHidden: null,
  /** An upload without owners and privileges, of a database that relies on them. */
  PrivilegesMissing: null,
  /** The previous snapshot could not be built on; nothing is lost. */
  PackedAnew: "",
  /** Files that the database names and storage doesn't have. */
  FilesMissing: "FilesMissing",
  /** The weaker promises of a recovery point. */
  RecoveryPoint: "FilesAroundRecoveryPoint",
  RecoveryPointLocked: "",
  RecoveryPointRestore: "InstanceSwap",
  /** The catalog has no room for all of them. */
  MoreWarnings: "",
  /** Of a manifest from before codes were noted. */
  Warned: "",
} as const satisfies Readonly<Record<string, string | null>>;
export type SnapshotWarningCode = keyof typeof SNAPSHOT_WARNINGS;
export interface SnapshotWarning extends Finding {
  readonly code: SnapshotWarningCode;
}

/** A manifest keeps sentences and codes apart, so that each version of the service reads the sentences. */
export const warningsOf = ({ warnings, warningCodes = [] }: Pick<Manifest, "warnings" | "warningCodes">): Finding[] =>
  warnings.map((message, place) => ({ code: warningCodes[place] ?? "Warned", message }));

/** As a manifest keeps them. Progress that an earlier version has left holds sentences alone. */
export const manifestWarnings = (
  found: readonly (SnapshotWarning | string)[],
): Pick<Manifest, "warnings" | "warningCodes"> => ({
  warnings: found.map((one) => (typeof one === "string" ? one : one.message)),
  warningCodes: found.map((one) => (typeof one === "string" ? "Warned" : one.code)),
});

/** Those that no finding of the plan's own says. */
export const repeatedInPlan = (manifest: Pick<Manifest, "warnings" | "warningCodes">): SnapshotWarning[] =>
  warningsOf(manifest).filter(
    (one): one is SnapshotWarning => SNAPSHOT_WARNINGS[one.code as SnapshotWarningCode] === null,
  );
