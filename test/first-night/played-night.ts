/**
 * A region's first night: environments that were just registered, the schedules, people at the API. It ends once every
 * nightly backup has ended and every check of replicas with it; then what happened is told in figures.
 */
import { backupExecutionName } from "../../lambda/backup/contract";
import { nightlySnapshotId } from "../../lambda/backup/snapshot-ids";
import { GAUGES_MINUTES } from "../../lambda/gauges/contract";
import { registration } from "../../lambda/catalog/registration";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { putRegistrationRecord } from "../../lambda/catalog/records";
import type { Listed } from "../backup/night";
import { environmentItem, registrationOf } from "../backup/environment-fixture";
import { FILES_BUCKET, seededRandomness } from "../support/collaborators";
import { must } from "../support/must";
import { admitAdministrator, APP, playTraffic, type Traffic } from "./api-traffic";
import { fraction } from "./per-minute";
import { PlayedRegion, type RegionOptions } from "./played-region";

const MINUTE = 60;
const HOUR = 3600;
export const NIGHT = "2026-12-05";

export interface NightOptions extends Pick<
  RegionOptions,
  "seed" | "concurrency" | "places" | "fargate" | "failing" | "broken"
> {
  readonly environments: number;
  /** Of the environment of that number. */
  readonly files: (random: () => number) => readonly { readonly name: string; readonly size?: number }[];
  /** @default one call in three seconds for three hours, then one in 30; every 300th asks for a backup */
  readonly traffic?: Pick<Parameters<typeof playTraffic>[2], "pauseSeconds" | "everyBackup">;
  /** What else happens. */
  readonly meanwhile?: (night: PlayedNight) => Promise<void>;
  readonly limitHours: number;
}
export interface PlayedNight {
  readonly region: PlayedRegion;
  readonly environments: readonly string[];
  readonly snapshots: () => Promise<readonly SnapshotItem[]>;
  traffic: Traffic;
  /** From the window's start to the end of the last nightly backup. */
  hours: number;
}

export const playNight = async (options: NightOptions): Promise<PlayedNight> => {
  const lists = new Map<string, Listed>();
  const region = new PlayedRegion({
    ...options,
    startsAt: new Date(`${NIGHT}T00:00:00Z`),
    listed: (environmentId) => must(lists.get(environmentId)),
  });
  const random = seededRandomness(options.seed + 4);
  const environments = Array.from(
    { length: options.environments },
    (_, number) => `app-${String(number).padStart(3, "0")}-production`,
  );
  for (const environmentId of environments)
    lists.set(
      environmentId,
      await furnish(
        region,
        environmentId,
        options.files(() => fraction(random)),
      ),
    );
  const key = await admitAdministrator(region);
  return play(region, environments, key, options);
};

const play = async (
  region: PlayedRegion,
  environments: readonly string[],
  key: string,
  options: NightOptions,
): Promise<PlayedNight> => {
  const { clock } = region;
  const startsAt = clock.now();
  let over = false;
  let ended = false;
  let failure: unknown;
  const isOver = (): boolean => over;
  const background = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => (failure ??= error));

  region.start("nightly-window", `${NIGHT}-window`, { scheduledTime: startsAt.toISOString() });
  void background(
    repeat(region, 5 * MINUTE, isOver, async (count) => region.start("retention", `retention-${count}`, {})),
  );
  void background(
    repeat(region, HOUR, isOver, async (count) =>
      region.start("drill", `drill-${count}`, {
        scheduledTime: clock.now().toISOString(),
      }),
    ),
  );
  void background(repeat(region, GAUGES_MINUTES * MINUTE, isOver, () => measure(region)));
  const night: PlayedNight = {
    region,
    environments,
    snapshots: () => snapshotsOf(region, environments),
    traffic: undefined as never,
    hours: 0,
  };
  const meanwhile = background(options.meanwhile?.(night) ?? Promise.resolve());
  const traffic = playTraffic(region, key, {
    seed: options.seed,
    environments,
    until: isOver,
    pauseSeconds: (seconds) => (seconds < 3 * HOUR ? 3 : 30),
    everyBackup: 300,
    ...options.traffic,
  });
  void background(
    repeat(region, MINUTE, isOver, async () => {
      const snapshots = await night.snapshots();
      if (night.hours === 0 && region.running("nightly-window") === 0 && snapshots.every(isDone))
        night.hours = (Math.max(...snapshots.map(endOf)) - startsAt.getTime()) / 1000 / HOUR;
      over = night.hours > 0 && FOLLOWING.every((workflow) => region.running(workflow) === 0);
    }),
  );
  const finish = async (): Promise<void> => {
    night.traffic = await traffic;
    await meanwhile;
    ended = true;
  };
  void background(finish());
  const limit = new Date(startsAt.getTime() + options.limitHours * HOUR * 1000);
  try {
    await clock.play(() => failure !== undefined || (over && ended && !region.executions.anyRunning()), limit);
  } catch (error) {
    throw new Error(`${(error as Error).message} ${await standing(night)}`, { cause: error });
  } finally {
    for (const { arn } of region.executions.all()) region.executions.stop(arn);
  }
  if (failure !== undefined) throw failure;
  return night;
};

/** Where a night stands that did not end. */
const standing = async (night: PlayedNight): Promise<string> => {
  const snapshots = (await night.snapshots()).filter((snapshot) => !isDone(snapshot));
  const executions = night.region.executions.all().filter(({ status }) => status === "RUNNING");
  return [
    ...snapshots.map(({ environmentId, state, attempt, statusMessage }) =>
      [environmentId, state, attempt, statusMessage].join(" "),
    ),
    ...executions.map(({ stateMachineArn, name }) => `${stateMachineArn.split(":").at(-1)} ${name}`),
  ].join("\n");
};

/** What may go on when the last nightly backup has ended. */
const FOLLOWING = ["backup", "upload", "archive", "replication-check"] as const;

const isDone = ({ state }: SnapshotItem): boolean => state === "completed" || state === "failed";
const endOf = ({ finishedAt, updatedAt }: SnapshotItem): number => Date.parse(finishedAt ?? updatedAt);

/** Every so many seconds, from now on. */
const repeat = async (
  { clock }: PlayedRegion,
  seconds: number,
  isOver: () => boolean,
  work: (count: number) => Promise<void>,
): Promise<void> => {
  for (let count = 1; !isOver(); count++) {
    await work(count);
    await clock.sleep(seconds);
  }
};

/** The scheduler tries again until its event is too old. */
const measure = async (region: PlayedRegion): Promise<void> => {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await region.call("gauges", { scheduledTime: region.clock.now().toISOString() });
      return;
    } catch (error) {
      if ((error as Error).name !== "Lambda.TooManyRequestsException") throw error;
      await region.clock.sleep(MINUTE);
    }
  }
};

const furnish = async (
  { base }: PlayedRegion,
  environmentId: string,
  files: readonly { readonly name: string; readonly size?: number }[],
): Promise<Listed> => {
  for (const { name } of files)
    await base.store.put({ bucket: FILES_BUCKET, key: `${environmentId}/${name}`, body: Buffer.from(`of ${name}\n`) });
  const environment = environmentItem(environmentId, {
    registration: registration.parse(
      registrationOf(environmentId, { appId: APP, files: { bucket: FILES_BUCKET, prefix: `${environmentId}/` } }),
    ),
  });
  await putRegistrationRecord(environment, base);
  await base.catalog.createEnvironment(environment);
  return files.map(({ name, size }) => ({ key: name, ...(size === undefined ? {} : { size }) }));
};

const snapshotsOf = async (
  { base }: PlayedRegion,
  environments: readonly string[],
): Promise<readonly SnapshotItem[]> => {
  const found = await Promise.all(
    environments.map((environmentId) =>
      base.catalog.getSnapshot(environmentId, nightlySnapshotId(environmentId, NIGHT)),
    ),
  );
  return found.filter((snapshot) => snapshot !== undefined);
};

export const attemptName = (environmentId: string, attempt: number): string =>
  backupExecutionName({
    environmentId,
    snapshotId: nightlySnapshotId(environmentId, NIGHT),
    night: NIGHT,
    attempt,
  });
