/** The apps of this region on which somebody has a role. */
import type { Caller } from "../access/authenticate";
import { rolesOn } from "../access/roles";
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem, Role } from "../catalog/items";
import type { ApiCollaborators } from "./api-context";

export interface VisibleApp {
  readonly appId: string;
  readonly environments: readonly EnvironmentItem[];
  readonly roles: readonly Role[];
}

/** By their ids. An app is there while it has an environment. */
export async function visibleApps(
  catalog: Pick<ApiCollaborators["catalog"], "listEnvironments">,
  caller: Caller,
): Promise<VisibleApp[]> {
  const byApp = new Map<string, EnvironmentItem[]>();
  for await (const item of allPages((cursor) => catalog.listEnvironments(cursor))) {
    const { appId } = item.registration;
    const others = byApp.get(appId);
    if (others === undefined) byApp.set(appId, [item]);
    else others.push(item);
  }
  return [...byApp]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([appId, environments]) => ({ appId, environments, roles: [...rolesOn(caller, appId)] }))
    .filter(({ roles }) => roles.length > 0);
}
