/** The nights before the loss, and what each environment held when it was backed up. */
import type { SnapshotItem } from "../../lambda/catalog/items";
import type { LocalEnvironment } from "../environments/environment";
import { fingerprint, nextWindow, passNight, type Fingerprint } from "../story/night";
import { askRegistration, openCatalog, part, snapshotsOf } from "../story/story-context";
import type { DrillOptions } from "./options";
import type { Regions } from "./set-up-regions";

export interface Kept {
  readonly environmentId: string;
  readonly snapshot: SnapshotItem;
  /** Of the environment, right before the night. */
  readonly held: Fingerprint;
}
const DAY_MS = 86_400_000;

/** Every replicated snapshot, in the order in which they were taken. */
export const playNights = async (regions: Regions, { nights }: DrillOptions): Promise<readonly Kept[]> => {
  const { local, samples, singleRegion, report } = regions;
  const replicated = [samples.source, samples.target];
  for (const environment of [...replicated, singleRegion]) {
    const { environmentId, registration } = environment;
    const registered = await askRegistration(local, { action: "register", registration });
    report.check("before", `${environmentId} is registered`, registered.ok, registered.message);
    await askRegistration(local, { action: "started", environmentId });
  }
  const kept: Kept[] = [];
  let opens = nextWindow(regions, local.clock.now());
  for (let night = 1; night <= nights; night++) {
    kept.push(...(await playNight(regions, replicated, opens)));
    regions.progress.step(await samples.change(night));
    opens = new Date(opens.getTime() + DAY_MS);
  }
  return kept;
};

const playNight = (
  regions: Regions,
  replicated: readonly LocalEnvironment[],
  opens: Date,
): Promise<readonly Kept[]> => {
  const date = opens.toISOString().slice(0, 10);
  return part(regions, `The night of ${date} in ${regions.lost.code}`, async () => {
    const { local, report, singleRegion } = regions;
    const before = new Map<string, Fingerprint>();
    for (const environment of replicated)
      before.set(environment.environmentId, await fingerprint(regions, environment));
    await passNight(regions, opens);
    const catalog = openCatalog(local);
    const kept: Kept[] = [];
    for (const [environmentId, held] of before) {
      const taken = (await snapshotsOf({ catalog }, environmentId)).filter((one) => one.night === date);
      const snapshot = taken.find(({ state, replicatedAt }) => state === "completed" && replicatedAt !== null);
      report.check(
        "before",
        `the snapshot of ${environmentId} is completed and its replication check has passed`,
        snapshot !== undefined,
        snapshot?.snapshotId ?? taken.map(({ statusMessage }) => statusMessage).join("; "),
      );
      if (snapshot === undefined) throw new Error(`There is no replicated snapshot of ${environmentId} to recover.`);
      kept.push({ environmentId, snapshot, held });
    }
    const own = (await snapshotsOf({ catalog }, singleRegion.environmentId)).filter((one) => one.night === date);
    report.check(
      "before",
      `the snapshot of ${singleRegion.environmentId} is completed and stays in its region`,
      own.length === 1 && own[0]?.state === "completed" && own[0].replicatedAt === null,
      own.map(({ replicationMessage }) => replicationMessage).join("; "),
    );
    return kept;
  });
};
