/**
 * What the buckets tell against what the catalog lists, and what a rebuild does about each difference. It adds what is
 * missing and fills what is empty; what stands in the catalog and says something else is named and left. Pure.
 */
import type { ApiKeyItem, EnvironmentItem, PrincipalItem, RestoreItem, SnapshotItem } from "../catalog/items";
import { isExpired } from "../rules/retention-calendar";
import type { FoundEnvironment } from "./contract";
import { ENVIRONMENT_FIELDS, KEY_FIELDS, type Origin, PRINCIPAL_FIELDS, SNAPSHOT_FIELDS } from "./fields";

export type Difference = {
  /** `not-in-catalog`: data without a record of it there; `not-in-buckets`: the other way round. */
  readonly kind: "not-in-catalog" | "not-in-buckets" | "differs";
  readonly fields: readonly FieldDifference[];
  /** One sentence: what is different, and what a rebuild does about it. */
  readonly message: string;
  /** Null where a rebuild leaves it to people. */
  readonly change: Change | null;
} & Subject;
export type Subject =
  | { readonly what: "environment"; readonly environmentId: string }
  | { readonly what: "snapshot"; readonly environmentId: string; readonly snapshotId: string }
  | { readonly what: "restore"; readonly environmentId: string; readonly restoreId: string }
  | { readonly what: "principal"; readonly principal: string }
  | { readonly what: "key"; readonly principal: string; readonly keyId: string };
export interface FieldDifference {
  readonly field: string;
  readonly catalog: unknown;
  readonly buckets: unknown;
}
export type Change =
  | { readonly do: "add-environment"; readonly environment: EnvironmentItem }
  | { readonly do: "fill-environment"; readonly environmentId: string; readonly fill: EnvironmentFill }
  | { readonly do: "add-snapshot"; readonly snapshot: SnapshotItem }
  | { readonly do: "offer-again"; readonly snapshot: SnapshotItem }
  | { readonly do: "add-restore"; readonly restore: RestoreItem }
  | { readonly do: "add-principal"; readonly principal: PrincipalItem }
  | { readonly do: "add-key"; readonly key: ApiKeyItem };
export type EnvironmentFill = Partial<Pick<EnvironmentItem, "lastSnapshotId" | "lastDurationSeconds" | "probe">>;

/** What the catalog lists of an environment. */
export interface ListedEnvironment {
  readonly environment: EnvironmentItem | undefined;
  readonly snapshots: ReadonlyMap<string, SnapshotItem>;
  readonly restoreIds: ReadonlySet<string>;
}

/** In the order in which a rebuild makes the changes: the environment last, because it is what lets others begin. */
export function compareEnvironment(
  found: FoundEnvironment,
  listed: ListedEnvironment,
  now: Date,
): readonly Difference[] {
  return [
    ...compareSnapshots(found, listed, now),
    ...compareRestores(found, listed),
    ...compareRegistration(found, listed),
  ];
}

function compareSnapshots(
  { place: { environmentId }, snapshots }: FoundEnvironment,
  listed: ListedEnvironment,
  now: Date,
): Difference[] {
  const differences: Difference[] = [];
  for (const snapshot of snapshots) {
    const { snapshotId } = snapshot;
    const subject = { what: "snapshot", environmentId, snapshotId } as const;
    const name = `Snapshot ${snapshotId} of environment ${environmentId}`;
    const standing = listed.snapshots.get(snapshotId);
    if (standing === undefined) {
      differences.push({
        ...subject,
        kind: "not-in-catalog",
        fields: [],
        message: `${name} stands in the buckets and the catalog does not list it; it is added as ${snapshot.state}${snapshot.deleting ? ", being deleted" : ""}.`,
        change: { do: "add-snapshot", snapshot },
      });
      continue;
    }
    // Being taken, or going: the catalog is ahead of what the buckets can tell.
    if (standing.state === "queued" || standing.state === "running" || standing.deleting) continue;
    const fields = fieldsThatDiffer(withoutDenial(standing), snapshot, SNAPSHOT_FIELDS);
    if (fields.length === 0) continue;
    // The manifest is the commit: what the catalog calls failed was sealed, or was not whole when it was last looked at.
    const isOfferedNow = standing.state === "failed" && snapshot.state === "completed";
    differences.push({
      ...subject,
      kind: "differs",
      fields,
      message: isOfferedNow
        ? `${name} is listed as failed, but its manifest stands and every object is whole; it is offered.`
        : `${name} differs in ${named(fields)}; the catalog's word is left, correct it by hand where it is wrong.`,
      change: isOfferedNow ? { do: "offer-again", snapshot } : null,
    });
  }
  const known = new Set(snapshots.map(({ snapshotId }) => snapshotId));
  for (const { snapshotId, state, expiresAt, deleting } of listed.snapshots.values()) {
    if (known.has(snapshotId) || deleting || isExpired(expiresAt, now) || state !== "completed") continue;
    differences.push({
      what: "snapshot",
      environmentId,
      snapshotId,
      kind: "not-in-buckets",
      fields: [],
      message: `Snapshot ${snapshotId} of environment ${environmentId} is listed as completed, but no manifest of it can be read in the buckets; find out who removed it, and restore the manifest or delete the snapshot. A rebuild leaves it.`,
      change: null,
    });
  }
  return differences;
}

/** `withheld: false` says what its absence says. */
function withoutDenial({ withheld, ...rest }: SnapshotItem): SnapshotItem {
  return withheld === true ? { ...rest, withheld } : rest;
}

function compareRestores(
  { place: { environmentId }, restores }: FoundEnvironment,
  { restoreIds }: ListedEnvironment,
): Difference[] {
  return restores.flatMap((restore) =>
    restoreIds.has(restore.restoreId)
      ? []
      : [
          {
            what: "restore",
            environmentId,
            restoreId: restore.restoreId,
            kind: "not-in-catalog",
            fields: [],
            message: `What became of restore ${restore.restoreId} into environment ${environmentId} (${restore.state}) is recorded and the catalog does not list it; it is added.`,
            change: { do: "add-restore", restore },
          } as const,
        ],
  );
}

function compareRegistration(
  { place: { environmentId }, environment }: FoundEnvironment,
  listed: ListedEnvironment,
): Difference[] {
  const subject = { what: "environment", environmentId } as const;
  const standing = listed.environment;
  if (standing === undefined) {
    if (environment === null) return [];
    return [
      {
        ...subject,
        kind: "not-in-catalog",
        fields: [],
        message: `Environment ${environmentId} is recorded and the catalog does not know it; it is added.`,
        change: { do: "add-environment", environment },
      },
    ];
  }
  if (environment === null) {
    return [
      {
        ...subject,
        kind: "not-in-buckets",
        fields: [],
        message: `Environment ${environmentId} has no registration record that can be read; register it again, so that it has one. A rebuild leaves it.`,
        change: null,
      },
    ];
  }
  const fields = fieldsThatDiffer(standing, environment, ENVIRONMENT_FIELDS);
  if (fields.length === 0) return [];
  const fill = emptyFields(standing, environment);
  const filled = Object.keys(fill);
  const rest = fields.filter(({ field }) => !filled.includes(field));
  return [
    {
      ...subject,
      kind: "differs",
      fields,
      message: [
        `Environment ${environmentId} differs in ${named(fields)}`,
        ...(filled.length > 0 ? [`${filled.join(" and ")} ${filled.length > 1 ? "are" : "is"} filled in`] : []),
        ...(rest.length > 0 ? ["the catalog's word is left, register it again where it is wrong"] : []),
      ]
        .join("; ")
        .concat("."),
      change: filled.length > 0 ? { do: "fill-environment", environmentId, fill } : null,
    },
  ];
}

/** Null in the catalog, known from the buckets: such as after the environment was registered anew. */
function emptyFields(standing: EnvironmentItem, found: EnvironmentItem): EnvironmentFill {
  return {
    ...(standing.lastSnapshotId === null && found.lastSnapshotId !== null
      ? { lastSnapshotId: found.lastSnapshotId }
      : {}),
    ...(standing.lastDurationSeconds === null && found.lastDurationSeconds !== null
      ? { lastDurationSeconds: found.lastDurationSeconds }
      : {}),
    ...(standing.probe === null && found.probe !== null ? { probe: found.probe } : {}),
  };
}

export function comparePrincipal(found: PrincipalItem, standing: PrincipalItem | undefined): Difference | undefined {
  const subject = { what: "principal", principal: found.name } as const;
  if (standing === undefined) {
    return {
      ...subject,
      kind: "not-in-catalog",
      fields: [],
      message: `${found.name} is recorded with ${found.grants.length} grants and the catalog does not know it; it is added.`,
      change: { do: "add-principal", principal: found },
    };
  }
  const fields = fieldsThatDiffer(standing, found, PRINCIPAL_FIELDS);
  if (fields.length === 0) return undefined;
  const message = `${found.name} differs in ${named(fields)}; the catalog's word is left, change its grants where they are wrong.`;
  return { ...subject, kind: "differs", fields, message, change: null };
}

export function compareKey(found: ApiKeyItem, standing: ApiKeyItem | undefined): Difference | undefined {
  const subject = { what: "key", principal: found.principal, keyId: found.keyId } as const;
  if (standing === undefined) {
    return {
      ...subject,
      kind: "not-in-catalog",
      fields: [],
      message: `Key ${found.keyId} of ${found.principal} is recorded and the catalog does not know it; it is added.`,
      change: { do: "add-key", key: found },
    };
  }
  const fields = fieldsThatDiffer(standing, found, KEY_FIELDS);
  if (fields.length === 0) return undefined;
  const message = `Key ${found.keyId} of ${found.principal} differs in ${named(fields)}; revoke it and make another one. A rebuild leaves it.`;
  return { ...subject, kind: "differs", fields, message, change: null };
}

/** People and keys that stand in the catalog alone, or that their record says are revoked. */
export const principalWithoutRecord = ({ name }: PrincipalItem): Difference => ({
  what: "principal",
  principal: name,
  kind: "not-in-buckets",
  fields: [],
  message: `${name} has no record that can be read, and would be lost with the catalog; grant a role again, so that there is one. A rebuild leaves it.`,
  change: null,
});
export const keyWithoutRecord = ({ principal, keyId }: ApiKeyItem): Difference => ({
  what: "key",
  principal,
  keyId,
  kind: "not-in-buckets",
  fields: [],
  message: `Key ${keyId} of ${principal} has no record, or one that says that it is revoked; revoke it, and make another one where it is needed. A rebuild leaves it.`,
  change: null,
});

/** An environment of which no bucket holds anything. */
export const unknownToBuckets = ({ environmentId }: EnvironmentItem): Difference => ({
  what: "environment",
  environmentId,
  kind: "not-in-buckets",
  fields: [],
  message: `Environment ${environmentId} is listed, and no bucket holds anything of it, not even its registration; register it again, so that it has a record. A rebuild leaves it.`,
  change: null,
});

/**
 * Facts of which the catalog's word and the buckets' may be apart for ever, with nothing wrong and nothing to mend, so that
 * naming them would only teach people not to look. `updatedAt`: catalog and record each note the second by themselves.
 * `lastDurationSeconds`: the catalog remembers it of a backup that has been deleted since. Filled in where there is none.
 */
const APART: ReadonlySet<string> = new Set(["updatedAt", "lastDurationSeconds"]);
const mayBeApart = (field: string, catalog: unknown): boolean => APART.has(field) && (catalog ?? null) !== null;

function fieldsThatDiffer<T extends object>(
  catalog: T,
  buckets: T,
  origins: { readonly [field in keyof Required<T>]: Origin },
): readonly FieldDifference[] {
  return (Object.keys(origins) as (keyof T & string)[])
    .filter((field) => origins[field] !== "not-kept")
    .filter((field) => !mayBeApart(field, catalog[field]) && !isSame(catalog[field], buckets[field]))
    .map((field) => ({ field, catalog: catalog[field] ?? null, buckets: buckets[field] ?? null }));
}

/** As JSON values: absent and null are the same, the order of an object's fields means nothing. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one ?? null)) === JSON.stringify(sorted(other ?? null));
}
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => sorted(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, content]) => [field, sorted(content)]),
  );
}

const named = (fields: readonly FieldDifference[]): string => fields.map(({ field }) => field).join(", ");
