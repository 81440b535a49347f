/**
 * Changing what a principal may do. Each change is made over the very item that was read, so that two at the same time
 * both count. Audit record and record are written first; a failure after that leaves records of something that was only
 * tried, and repeating the call completes it.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { Grant, PrincipalItem } from "../catalog/items";
import { putPrincipalRecord } from "../catalog/people-records";
import type { Collaborators } from "../runtime/collaborators";
import { recordAudit } from "../audit/record-audit";

export type AccessCollaborators = Pick<Collaborators, "catalog" | "store" | "settings" | "clock" | "random">;

/** Rounds in which somebody else was faster; more than this is no accident. */
const ROUNDS = 10;

export interface GrantsChange {
  readonly name: string;
  readonly by: string;
  readonly action: "principal.create" | "grant.add" | "grant.remove";
  /** The grants in question, for the audit record. */
  readonly grants: readonly Grant[];
  /** The new grants; undefined when nothing is to be changed. */
  readonly apply: (standing: readonly Grant[], exists: boolean) => readonly Grant[] | undefined;
}

/** The principal as it stands afterwards, and whether that is a change. Undefined where there is no such principal. */
export async function changeGrants(
  { name, by, action, grants, apply }: GrantsChange,
  collaborators: AccessCollaborators,
): Promise<{ readonly principal: PrincipalItem | undefined; readonly changed: boolean }> {
  const { catalog, clock } = collaborators;
  let audited = false;
  for (let round = 1; ; round++) {
    const standing = await catalog.getPrincipal(name);
    const next = apply(standing?.grants ?? [], standing !== undefined);
    if (next === undefined) return { principal: standing, changed: false };
    if (!audited) await recordAudit(collaborators, null, { action, by, details: { principal: name, grants } });
    audited = true;
    const principal: PrincipalItem = {
      name,
      grants: next,
      createdAt: standing?.createdAt ?? isoSeconds(clock.now()),
      createdBy: standing?.createdBy ?? by,
      updatedAt: laterThan(standing?.updatedAt, clock.now()),
    };
    await putPrincipalRecord(principal, collaborators);
    try {
      await catalog.putPrincipal(principal, standing ?? null);
      return { principal, changed: true };
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round === ROUNDS) throw error;
    }
  }
}

export const isSameGrant = (one: Grant, other: Grant): boolean => one.app === other.app && one.role === other.role;

/** What `added` has and `standing` lacks, behind it; undefined when that is nothing. */
export const withGrants = (standing: readonly Grant[], added: readonly Grant[]): readonly Grant[] | undefined => {
  const next = [...standing];
  for (const grant of added) if (!next.some((one) => isSameGrant(one, grant))) next.push(grant);
  return next.length === standing.length ? undefined : next;
};

/** Tells two changes apart even within a millisecond. */
const laterThan = (before: string | undefined, now: Date): string =>
  new Date(Math.max(now.getTime(), before === undefined ? 0 : Date.parse(before) + 1)).toISOString();
