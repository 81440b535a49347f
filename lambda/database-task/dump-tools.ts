/** Which client programs restore a dump into a server. */
import type { Client } from "pg";
import { ServiceFailure } from "../runtime/collaborators";
import type { DatabaseEntry } from "../snapshot/manifest";
import { findTools, type Toolset } from "./client-programs";
import { readServerVersion } from "./database-facts";
import type { TaskContext } from "./task-context";

/** Throws TargetServerOlder, ToolsTooOld, ToolsMissing. */
export const toolsFor = async (
  { programs }: Pick<TaskContext, "programs">,
  client: Client,
  dump: DatabaseEntry,
): Promise<Toolset> => {
  const { serverMajor, serverVersion } = await readServerVersion(client);
  if (serverMajor < majorOf(dump.serverVersion))
    throw new ServiceFailure(
      "TargetServerOlder",
      `The snapshot is from PostgreSQL ${dump.serverVersion}, but the target's server has the older version ${serverVersion}; restore into an environment whose server isn't older.`,
      false,
    );
  return findTools(programs, Math.max(serverMajor, majorOf(dump.dumpVersion)), serverVersion);
};

const majorOf = (version: string): number => Number.parseInt(version, 10) || 0;
