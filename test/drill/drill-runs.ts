/** Drills in the simulated service, on a real PostgreSQL server that is drill target and the environments' server at once. */
import type { z } from "zod";
import type { DrillItem } from "../../lambda/catalog/drills";
import { drillTarget } from "../../lambda/catalog/drills";
import { requestDrill } from "../../lambda/drill/request-drill";
import { DRILLS_PREFIX } from "../../lambda/storage/object-keys";
import type { ExecutionResult } from "../crash/simulated-service";
import { SOURCE, type SmallWorld } from "../crash/small-world";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";

export const LIMITS = {
  window: { region: "eu-central-1", startUtc: "23:00", durationMinutes: 180 },
  slowSeconds: 4 * 3600,
  slowFactor: 2,
  leastSamples: 3,
};
/** Before the handler is loaded. */
export const setDrillSettings = (): void => void (process.env["DRILLS"] = JSON.stringify(LIMITS));

export const giveTarget = async (
  { service, postgres }: SmallWorld,
  limits: Partial<z.input<typeof drillTarget>> = {},
): Promise<void> =>
  service.base.catalog.putDrillTarget(
    drillTarget.parse({
      database: { host: postgres.host, port: postgres.port, secret: "drill-secret", ssl: "disable" },
      network: { subnets: ["subnet-drill"], securityGroups: ["sg-drill"] },
      ...limits,
    }),
  );

/** Somebody asks for a drill of the source, of a random snapshot or of this one. */
export const runDrill = async (
  { service }: SmallWorld,
  snapshotId: string | null = null,
): Promise<{ readonly drill: DrillItem; readonly execution: ExecutionResult }> => {
  const { drillId } = await requestDrill(service.outside(), {
    environmentId: SOURCE,
    snapshotId,
    requestedBy: "a test",
  });
  await service.drain();
  const drill = must(await service.base.catalog.getDrill(SOURCE, drillId));
  return { drill, execution: service.result("drill", drillId) };
};

let hours = 0;
/** As the schedule starts it. */
export const runHour = async ({ service }: SmallWorld): Promise<ExecutionResult> =>
  service.start("drill", `hour-${++hours}`, { scheduledTime: service.base.clock.now().toISOString() });

/** What stands at the drill target: scratch databases, files, unfinished uploads. */
export const atTarget = async ({ service, postgres }: SmallWorld): Promise<readonly string[]> => {
  const databases = await postgres.query("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'drill\\_%'");
  return [
    ...databases.map(({ datname }) => `database ${datname as string}`),
    ...service.base.store
      .versions(TRANSFER_BUCKET)
      .filter(({ key }) => key.startsWith(DRILLS_PREFIX))
      .map(({ key }) => `file ${key}`),
    ...service.base.store.uploads(TRANSFER_BUCKET).map((upload) => `upload ${JSON.stringify(upload)}`),
  ];
};

export const drillsOf = async ({ service }: SmallWorld): Promise<readonly DrillItem[]> =>
  (await service.base.catalog.listDrills(SOURCE)).items;

/** One bit in the middle of a stored object. A replica shares its primary's bytes in memory, so they are copied first. */
export const damage = (version: { body: Uint8Array }): void => {
  const body = Uint8Array.from(version.body);
  const middle = Math.floor(body.length / 2);
  body[middle] = (body[middle] ?? 0) ^ 1;
  version.body = body;
};
