/** The path of a snapshot whose environment nobody named: it is looked for in those on which the caller has a role. */
import { CommandFailure } from "../surroundings";
import { snapshot } from "./answers";
import { ApiRefusal } from "./api-client";
import type { ApiConnection } from "./api-connection";

const AT_ONCE = 8;

/** One request an environment, eight at once; none where the environment is given. Throws CommandFailure. */
export async function snapshotPath(
  api: ApiConnection,
  snapshotId: string,
  environmentId: string | undefined,
): Promise<string> {
  if (environmentId !== undefined) return api.pathOf(environmentId, "snapshots", snapshotId);
  const all = [...(await api.environmentIds()).values()].flat();
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const paths = await Promise.all(all.slice(from, from + AT_ONCE).map((id) => pathIfThere(api, id, snapshotId)));
    const found = paths.find((path) => path !== undefined);
    if (found !== undefined) return found;
  }
  throw new CommandFailure(1, [
    `No environment on which you have a role has a snapshot ${snapshotId}; it may have expired: choose one with: backups snapshots ENVIRONMENT`,
  ]);
}

async function pathIfThere(api: ApiConnection, environmentId: string, snapshotId: string): Promise<string | undefined> {
  const path = await api.pathOf(environmentId, "snapshots", snapshotId);
  try {
    await api.client.ask("GET", path, snapshot);
    return path;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined;
    throw error;
  }
}
