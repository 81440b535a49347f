/** The user's actions through the API, in the words of whoever signed in. */
import { CommandFailure, type Surroundings } from "../surroundings";
import type { ShownEnvironment, UserActions } from "../user-actions";
import { drill, drillList, environment, type ApiEnvironment, restore, snapshot } from "./answers";
import { ApiRefusal, apiPath } from "./api-client";
import type { ApiConnection } from "./api-connection";
import { describeApiEnvironment } from "./describe-api-environment";
import { listSnapshots } from "./list-snapshots";
import { publicDrill, publicRestore, publicSnapshot } from "./public-forms";

export function apiActions(api: ApiConnection, { now }: Surroundings): UserActions {
  const { client, pathOf } = api;
  return {
    register: async (registration) => {
      const { appId, environmentId } = registration;
      const path = apiPath("apps", appId, "environments", environmentId);
      const found = await client.ask("PUT", path, environment, { body: registration });
      const where = found.replication === "on" ? "replicated to the replication region" : "kept in this region only";
      return {
        message: `Environment ${environmentId} is registered. Its snapshots are ${where}; this choice is final.`,
        environment: found,
      };
    },
    started: async (environmentId, modelVersion) => {
      const body = modelVersion === undefined ? {} : { model_version: modelVersion };
      const found = await client.ask("POST", await pathOf(environmentId, "started"), environment, { body });
      return { message: `Environment ${environmentId} is noted as started.`, environment: found };
    },
    stopped: async (environmentId) => {
      const found = await client.ask("POST", await pathOf(environmentId, "stopped"), environment);
      return { message: `Environment ${environmentId} is noted as stopped.`, environment: found };
    },
    show: async (environmentId) => shown(await client.ask("GET", await pathOf(environmentId), environment)),
    probe: async (environmentId) => shown(await client.ask("POST", await pathOf(environmentId, "probe"), environment)),
    backup: async (environmentId, comment) => {
      const path = await pathOf(environmentId, "snapshots");
      const { snapshotId } = await client.ask("POST", path, snapshot, { body: { comment } });
      return { message: `A backup of environment ${environmentId} is queued as snapshot ${snapshotId}.`, snapshotId };
    },
    snapshots: async (environmentId) =>
      (await listSnapshots(client, await pathOf(environmentId, "snapshots"))).map((one) => publicSnapshot(one, now())),
    snapshot: async (environmentId, snapshotId) =>
      whereFound(async () =>
        publicSnapshot(await client.ask("GET", await pathOf(environmentId, "snapshots", snapshotId), snapshot), now()),
      ),
    restore: async ({ snapshotId, to, databaseOnly, acknowledged }) => {
      const query = {
        source_snapshot_id: snapshotId,
        db_only: databaseOnly,
        // Without the parameter it would go ahead over warnings that nobody was shown.
        acknowledge: acknowledged.join(","),
      };
      try {
        const begun = await client.ask("POST", await pathOf(to, "restores"), restore, { query });
        return {
          message: `Restore ${begun.restoreId} of snapshot ${snapshotId} into environment ${to} is ${begun.state}.`,
          restore: publicRestore(begun),
        };
      } catch (error) {
        if (error instanceof ApiRefusal && error.code === "ERROR_NOT_ALLOWED") {
          throw new CommandFailure(3, error.sentences, { cause: error });
        }
        throw error;
      }
    },
    restoreStatus: async (restoreId, into) => {
      const among = into === undefined ? [...(await api.environmentIds()).values()].flat() : [into];
      for (const environmentId of among) {
        const path = await pathOf(environmentId, "restores", restoreId);
        const found = await whereFound(() => client.ask("GET", path, restore));
        if (found !== undefined) return publicRestore(found);
      }
      throw new CommandFailure(1, [
        `There is no restore ${restoreId} at ${client.address.url}; check its id and region.`,
      ]);
    },
    drills: async (environmentId) => {
      const { drills, message } = await client.ask("GET", await pathOf(environmentId, "drills"), drillList);
      return { drills: drills.map((one) => publicDrill(one, environmentId)), message };
    },
    runDrill: async (environmentId, snapshotId) => {
      const body = snapshotId === null ? {} : { snapshot_id: snapshotId };
      return publicDrill(
        await client.ask("POST", await pathOf(environmentId, "drills"), drill, { body }),
        environmentId,
      );
    },
    deleteSnapshot: async (environmentId, snapshotId) => {
      await client.delete(await pathOf(environmentId, "snapshots", snapshotId));
      return { message: `Snapshot ${snapshotId} of environment ${environmentId} is deleted.` };
    },
  };
}

const shown = (found: ApiEnvironment): ShownEnvironment => ({
  document: found,
  lines: describeApiEnvironment(found),
  probe: found.probe,
});

/** An environment that can't be found is a failure; a thing in it isn't. */
async function whereFound<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
