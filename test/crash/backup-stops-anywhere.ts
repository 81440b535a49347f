/**
 * A backup is stopped at every request and every state in turn: once only the function or task that makes the request
 * (Step Functions then tries again or fails the attempt), once the whole service. After the next run the invariants
 * must hold (I1, I2, I5).
 */
import type { PostgresServer } from "../support/postgres";
import type { Mode } from "./crash-points";
import { expectNothingLeaked, expectSettled } from "./invariants";
import { pointsToTry } from "./points-to-try";
import { backUp, expectVerified, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { change, changeBack, furnish, type SmallWorld } from "./small-world";

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const HOUR = 3_600_000;

/** A world with one snapshot, and something changed since. */
const worldWithSnapshot = async (): Promise<{ world: SmallWorld; first: string }> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  const first = await backUp(world);
  await change(world);
  world.service.base.clock.advance(24 * HOUR);
  return { world, first };
};

const countPoints = async (world: SmallWorld, mode: Mode): Promise<readonly string[]> => {
  world.service.points.arm(-1, mode);
  await backUp(world);
  return [...world.service.points.passed];
};

export const backupStopsAnywhere = (mode: Mode): void => {
  test(`Rule 5, I1, I2, I5: a backup whose ${mode} stops at any point is taken by the next run`, async () => {
    const { world, first } = await worldWithSnapshot();
    const { service } = world;
    const putBack = service.save();
    const names = await countPoints(world, mode);
    expect(names.length).toBeGreaterThan(60);
    for (const at of pointsToTry(names.length)) {
      putBack();
      service.points.arm(at, mode);
      const second = await backUp(world);
      const where = `${mode} stopped at point ${at}: ${names[at] ?? ""}`;
      service.points.disarm();
      service.base.clock.advance(HOUR);
      const third = await backUp(world);
      // A snapshot that had reached its seal is committed, or failed, by the daily sweep.
      service.base.clock.advance(25 * HOUR);
      await retain(world);
      try {
        await expectVerified(world, first);
        await expectVerified(world, third);
        await expectSettled(world, second);
        await expectNothingLeaked(world);
      } catch (error) {
        throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
      }
    }
  }, 1_200_000);
};
