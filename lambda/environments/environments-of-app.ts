/** The registered environments of an app, by their ids. */
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";

export async function environmentsOfApp(
  catalog: Pick<Collaborators["catalog"], "listEnvironments">,
  appId: string,
): Promise<EnvironmentItem[]> {
  const found: EnvironmentItem[] = [];
  for await (const item of allPages((cursor) => catalog.listEnvironments(cursor))) {
    if (item.registration.appId === appId) found.push(item);
  }
  return found;
}
