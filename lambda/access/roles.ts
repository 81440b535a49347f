/** What a caller may do on an app. Pure. */
import type { Grant, Role } from "../catalog/items";

/** Each role with what it includes: nobody backs up or restores blindly. */
const INCLUDED: Readonly<Record<Role, readonly Role[]>> = {
  read: ["read"],
  backup: ["backup", "read"],
  restore: ["restore", "read"],
  administer: ["administer", "restore", "backup", "read"],
};

/** A grant for the app `*` counts for every app. */
export const EVERY_APP = "*";

/** Empty for a caller who must not even learn that the app has environments. */
export const rolesOn = (caller: { readonly grants: readonly Grant[] }, appId: string): ReadonlySet<Role> =>
  new Set(
    caller.grants.filter(({ app }) => app === EVERY_APP || app === appId).flatMap(({ role }) => INCLUDED[role] ?? []),
  );
