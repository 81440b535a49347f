/**
 * An uploaded dump without privileges: told only where its database relies on them, because an ordinary app's objects
 * belong to the database's owner, and nothing is granted to anybody. Pure.
 */
import { hasPrivileges, restoreNeeds } from "../dump/restore-needs";
import { traitsOf } from "../dump/superuser-needs";
import type { Toc } from "../dump/toc";
import type { SnapshotWarning } from "../snapshot/warnings";

export const privilegesMissing = (toc: Pick<Toc, "entries">): SnapshotWarning[] => {
  if (hasPrivileges(toc)) return [];
  const { entries } = toc;
  const { owners } = restoreNeeds(toc);
  const definers = entries.filter(({ definition = "" }) => / SECURITY DEFINER\b/.test(traitsOf(definition))).length;
  const secured = entries.some(({ kind }) => kind === "ROW SECURITY" || kind === "POLICY");
  const relying = [
    ...(definers === 0 ? [] : [`everybody may run its ${definers} function(s) that act with their owner's rights`]),
    ...(owners.length < 2 ? [] : [`what its ${owners.length} owners had belongs to one`]),
    ...(secured ? ["row-level security doesn't bind that owner"] : []),
  ];
  if (relying.length === 0) return [];
  return [
    {
      code: "PrivilegesMissing",
      message: `The uploaded dump holds no privileges: after a restore everything belongs to the owner of the target's database, and ${relying.join(", ")}. A dump made by pg_dump without --no-owner and --no-acl keeps both.`,
    },
  ];
};
