/**
 * A restore is stopped at every request, every SQL statement and every state in turn. After a stopped function or task
 * the workflow itself brings the target to one of its two ends; after a stopped service the restore is started again
 * (Rule 10, I3, I5).
 */
import { requestRestore } from "../../lambda/restore/request";
import type { PostgresServer } from "../support/postgres";
import type { Mode } from "./crash-points";
import { expectNothingHeld } from "./invariants";
import { pointsToTry } from "./points-to-try";
import { backUp, expectVerified, RESTORE_MACHINE, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import {
  attributesOf,
  contentsOf,
  furnish,
  recreateTarget,
  restoredAttributes,
  restoredContents,
  SOURCE,
  TARGET,
  type SmallWorld,
} from "./small-world";

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const RESTORE_ID = "restore-under-test";

interface Snapshotted {
  readonly world: SmallWorld;
  readonly snapshotId: string;
}
const worldWithSnapshot = async (): Promise<Snapshotted> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  return { world, snapshotId: await backUp(world) };
};

const restoreOnce = async ({ service }: SmallWorld, snapshotId: string): Promise<void> => {
  const wish = {
    sourceEnvironmentId: SOURCE,
    snapshotId,
    targetEnvironmentId: TARGET,
    databaseOnly: false,
    acknowledged: [],
    requestedBy: "a test",
  };
  await requestRestore(service.outside(), { ...wish, restoreId: RESTORE_ID }, RESTORE_MACHINE);
  await service.drain();
};

const countPoints = async ({ world, snapshotId }: Snapshotted, mode: Mode): Promise<readonly string[]> => {
  world.service.points.arm(-1, mode);
  await restoreOnce(world, snapshotId);
  return [...world.service.points.passed];
};

export const restoreStopsAnywhere = (mode: Mode): void => {
  test(`Rule 10, I3, I5: a restore whose ${mode} stops at any point is all or nothing`, async () => {
    const snapshotted = await worldWithSnapshot();
    const { world, snapshotId } = snapshotted;
    const { service } = world;
    const putBack = service.save();
    const names = await countPoints(snapshotted, mode);
    expect(names.length).toBeGreaterThan(100);
    const ends = new Set<string>();
    for (const at of pointsToTry(names.length)) {
      putBack();
      await recreateTarget(postgres);
      const before = { ...(await contentsOf(world, TARGET)), attributes: attributesOf(world) };
      const after = { ...(await restoredContents(world)), attributes: await restoredAttributes(world) };
      service.points.arm(at, mode);
      await restoreOnce(world, snapshotId);
      service.points.disarm();
      try {
        if (mode === "service") {
          service.base.clock.advance(3_600_000);
          // Nobody is there to start it again: the service's own sweep does.
          await retain(world);
          service.base.clock.advance(25 * 3_600_000);
          await retain(world);
        }
        const restore = await service.base.catalog.getRestore(RESTORE_ID);
        ends.add(restore?.state ?? "none");
        const found = { ...(await contentsOf(world, TARGET)), attributes: attributesOf(world) };
        expect(found).toEqual(restore?.state === "completed" ? after : before);
        expect(["completed", "failed"]).toContain(restore?.state);
        if (restore?.state === "failed") expect(restore.statusMessage).toMatch(/\w+ .*\.$/s);
        await expectVerified(world, snapshotId);
        await expectNothingHeld(world);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    expect(ends).toContain("completed");
  }, 3_600_000);
};
