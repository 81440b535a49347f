/**
 * The whole service, in memory, with environments on several PostgreSQL servers: backups, restores, downloads and
 * uploads by the workflows' own definitions. Warnings of a plan are read, returned and accepted.
 */
import type { RestoreItem } from "../../lambda/catalog/items";
import { registration } from "../../lambda/catalog/registration";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { requestRestore } from "../../lambda/restore/request";
import { environmentItem, registrationOf } from "../backup/environment-fixture";
import { backUp, RESTORE_MACHINE } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { SOURCE } from "../crash/small-world";
import { FILES_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { download, upload } from "../upload/upload-runs";

export { SOURCE };

export interface Place {
  readonly server: PostgresServer;
  readonly database: string;
  /** Who logs in. @default the server's superuser */
  readonly login?: { readonly user: string; readonly password: string };
}
export interface RoundTripWorld {
  readonly service: SimulatedService;
  /** The source's server. */
  readonly postgres: PostgresServer;
  readonly places: Map<string, Place>;
}

export const roundTripWorld = async (source: Place, query: string): Promise<RoundTripWorld> => {
  const service = new SimulatedService(source.server);
  const places = new Map<string, Place>();
  service.taskChange = {
    secrets: {
      databaseCredentials: async (environmentId) => {
        const { server, login } = must(places.get(environmentId));
        const { user: username, password } = login ?? server;
        return { username, password };
      },
    },
  };
  const world: RoundTripWorld = { service, postgres: source.server, places };
  await addEnvironment(world, SOURCE, source, query);
  return world;
};

/** Its files lie below its id. */
export const addEnvironment = async (
  { service, places }: RoundTripWorld,
  environmentId: string,
  place: Place,
  query: string,
): Promise<void> => {
  places.set(environmentId, place);
  const { host, port } = place.server;
  const given = registrationOf(environmentId, {
    database: { host, port, name: place.database, secret: environmentId, ssl: "disable" },
    files: { bucket: FILES_BUCKET, prefix: `${environmentId}/`, source: { kind: "reference-query", query } },
  });
  await service.base.catalog.createEnvironment(
    environmentItem(environmentId, { registration: registration.parse(given), running: false }),
  );
};

/** A completed snapshot of the source; throws what became of it else. */
export const takeSnapshot = async (world: RoundTripWorld): Promise<string> => completed(world, await backUp(world));

/** Downloaded, and uploaded again. */
export const downloadAndUpload = async (world: RoundTripWorld, snapshotId: string): Promise<string> =>
  completed(world, await upload(world, await download(world, snapshotId, "files_and_database")));

const completed = async ({ service }: RoundTripWorld, snapshotId: string): Promise<string> => {
  const snapshot = must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));
  if (snapshot.state !== "completed") throw new Error(`The snapshot ${snapshot.state}: ${snapshot.statusMessage}`);
  return snapshotId;
};

/** Restored to its end, with every warning accepted; throws why not else. */
export const restoreInto = async (
  { service }: RoundTripWorld,
  snapshotId: string,
  targetEnvironmentId: string,
): Promise<RestoreItem> => {
  const { restoreId } = await requestRestore(
    service.outside(),
    {
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId,
      databaseOnly: false,
      acknowledged: ["*"],
      requestedBy: "a test",
    },
    RESTORE_MACHINE,
  );
  await service.drain();
  const restore = must(await service.base.catalog.getRestore(restoreId));
  if (restore.state !== "completed")
    throw new ServiceFailure("NotRestored", `The restore ${restore.state}: ${restore.statusMessage}`, false);
  return restore;
};

/** What the snapshot and the restore have told of what isn't as it was. */
export const warningsOf = async (
  { service }: RoundTripWorld,
  snapshotId: string,
  { plan, database }: RestoreItem,
): Promise<string[]> => {
  const { warnings = [] } = must(await service.base.catalog.getSnapshot(SOURCE, snapshotId));
  return [...warnings, ...(plan?.warnings ?? []), ...(database?.notes ?? [])].map(({ message }) => message);
};
