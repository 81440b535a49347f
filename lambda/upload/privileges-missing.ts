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
  const unowned = owners.length === 0;
  const definers = entries.filter(({ definition = "" }) => / SECURITY DEFINER\b/.test(traitsOf(definition))).length;
  const secured = entries.some(({ kind }) => kind === "ROW SECURITY" || kind === "POLICY");
  const relying: (string | false)[] = [
    definers > 0 && `everybody may run its ${definers} function(s) that act with their owner's rights`,
    owners.length > 1 && `its ${owners.length} owners have no rights to each other's objects`,
    secured &&
      (unowned ? "row-level security doesn't bind that owner" : "row-level security is for roles without rights"),
  ];
  const found = relying.filter((reason) => reason !== false);
  if (found.length === 0) return [];
  const after = unowned ? "everything belongs to the owner of the target's database" : "nobody but owners has rights";
  return [
    {
      code: "PrivilegesMissing",
      message: `The uploaded dump holds no ${unowned ? "owners and no privileges" : "privileges"}: after a restore ${after}, and ${found.join(", ")}. A dump by pg_dump without --no-owner and --no-acl keeps both.`,
    },
  ];
};
