/**
 * What a restore could not make as it was, gathered by name and told in sentences: they stand in the restore's result.
 * Pure.
 */
import type { Finding } from "../catalog/items";
import type { RestoreNoteCode } from "../restore/restore-notes";

export interface FillNotes {
  /** Roles whose objects belong to the target database's owner. */
  readonly owners: Set<string>;
  /** Roles that lost grants, or whose grants to others were lost. */
  readonly grantees: Set<string>;
  /** Functions and views with their owner's rights whose owner is another one: nobody else may use them. */
  readonly closedFunctions: Set<string>;
  /** Grants that the server refused. */
  readonly refusedGrants: Set<string>;
  readonly userMappings: Set<string>;
  readonly tablespaces: Set<string>;
  /** Extensions with their versions. */
  readonly otherVersions: Set<string>;
  readonly otherOwners: Set<string>;
  /** Materialized views, and why. */
  readonly unfilledViews: Set<string>;
  /** CHECK constraints, and why. */
  readonly notValidated: Set<string>;
}

export const noNotes = (): FillNotes => ({
  owners: new Set(),
  grantees: new Set(),
  closedFunctions: new Set(),
  refusedGrants: new Set(),
  userMappings: new Set(),
  tablespaces: new Set(),
  otherVersions: new Set(),
  otherOwners: new Set(),
  unfilledViews: new Set(),
  notValidated: new Set(),
});

/** Of the names of one kind; the others are counted. */
const NAMED = 20;
/** Of a name with its reason. */
const LONGEST_NAME = 300;

const SENTENCES: Readonly<Record<keyof FillNotes, readonly [code: RestoreNoteCode, say: (names: string) => string]>> = {
  owners: [
    "OwnersReplaced",
    (names) =>
      `The server lacks roles that owned something, or the login may not act for them (${names}): what was theirs belongs to the database's owner.`,
  ],
  grantees: [
    "GrantsLeftOut",
    (names) =>
      `The server lacks roles of the snapshot's grants, or the login may not act for them (${names}): their grants were left out.`,
  ],
  closedFunctions: [
    "FunctionsClosed",
    (names) =>
      `Functions or views that act with their owner's rights have another owner now (${names}): nobody but the owner may use them until it is granted.`,
  ],
  refusedGrants: ["GrantsRefused", (names) => `The server refused grants of the snapshot: ${names}.`],
  userMappings: [
    "UserMappingsLeftOut",
    (names) => `The server lacks roles of the snapshot's user mappings (${names}): those mappings were left out.`,
  ],
  tablespaces: [
    "TablespacesReplaced",
    (names) =>
      `The server lacks tablespaces, or the login may not use them (${names}): what lay there lies in the database's default one.`,
  ],
  otherVersions: [
    "ExtensionVersionsDiffer",
    (names) => `The server doesn't offer the snapshot's versions of extensions: ${names}.`,
  ],
  otherOwners: ["ExtensionOwnersDiffer", (names) => `Extensions belong to the login, not to who owned them: ${names}.`],
  unfilledViews: [
    "ViewsUnfilled",
    (names) =>
      `Materialized views could not be filled and hold nothing (${names}): mend the cause and run REFRESH MATERIALIZED VIEW.`,
  ],
  notValidated: [
    "ConstraintsNotValidated",
    (names) =>
      `The rows of the snapshot don't pass constraints, which are kept as NOT VALID (${names}): look at the rows, then run ALTER … VALIDATE CONSTRAINT.`,
  ],
};

export const notesAsFindings = (notes: FillNotes): Finding[] =>
  (Object.keys(SENTENCES) as (keyof FillNotes)[]).flatMap((what) => {
    const names = [...notes[what]].map((name) =>
      name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name,
    );
    const [code, say] = SENTENCES[what];
    const more = names.length > NAMED ? `; and ${names.length - NAMED} more` : "";
    return names.length === 0 ? [] : [{ code, message: say(names.slice(0, NAMED).join("; ") + more) }];
  });
