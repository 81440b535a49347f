/**
 * An expiry, and a user's delete, are stopped at every request and every state in turn. The next run finishes them, on
 * both sides, and the snapshot that lives on is whole (I2, I4, I5).
 */
import type { PostgresServer } from "../support/postgres";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import type { Mode } from "./crash-points";
import { expectNothingLeaked } from "./invariants";
import { pointsToTry } from "./points-to-try";
import { backUp, expectVerified, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { change, changeBack, furnish, SOURCE, type SmallWorld } from "./small-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

interface Two {
  readonly world: SmallWorld;
  readonly first: string;
  readonly second: string;
}
const MINUTE = 60_000;

/** Two snapshots that share packs, a day apart. */
const worldWithTwo = async (): Promise<Two> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  const first = await backUp(world);
  await change(world);
  world.service.base.clock.advance(24 * 60 * MINUTE);
  return { world, first, second: await backUp(world) };
};

const runs = {
  /** The first snapshot's expiry second has come. */
  expiry: async ({ world, first }: Two): Promise<unknown> => {
    const snapshot = await world.service.base.catalog.getSnapshot(SOURCE, first);
    if (snapshot !== undefined && world.service.base.clock.now() < new Date(snapshot.expiresAt)) {
      world.service.base.clock.set(snapshot.expiresAt);
    }
    return retain(world);
  },
  deletion: async ({ world, first }: Two): Promise<unknown> =>
    world.service.start("deletion", `delete-${++deletions}`, {
      environmentId: SOURCE,
      snapshotId: first,
      requestedBy: "a test",
    }),
};
let deletions = 0;
const cases = (["expiry", "deletion"] as const).flatMap((what) =>
  (["invocation", "service"] as const).map((mode) => [what, mode] as const),
);

test.each(cases)(
  "I2, I4, I5: %s whose %s stops at any point is finished by the next one",
  async (what, mode: Mode) => {
    const two = await worldWithTwo();
    const { world, first, second } = two;
    const putBack = world.service.save();
    world.service.points.arm(-1, mode);
    await runs[what](two);
    const names = [...world.service.points.passed];
    expect(names.length).toBeGreaterThan(20);
    for (const at of pointsToTry(names.length)) {
      putBack();
      world.service.points.arm(at, mode);
      await runs[what](two);
      world.service.points.disarm();
      try {
        await expectVerified(world, second);
        world.service.base.clock.advance(5 * MINUTE);
        expect(await runs[what](two)).toMatchObject({ status: "SUCCEEDED" });
        expectGone(world, first);
        expect(await world.service.base.catalog.getSnapshot(SOURCE, first)).toBeUndefined();
        await expectVerified(world, second);
        await expectNothingLeaked(world);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  },
  1_200_000,
);

const expectGone = ({ service }: SmallWorld, snapshotId: string): void => {
  for (const [store, bucket] of [
    [service.base.store, PRIMARY_BUCKET],
    [service.base.replicaStore, REPLICA_BUCKET],
  ] as const) {
    expect(
      store
        .versions(bucket)
        .filter(({ key }) => key.includes(`/snapshots/${snapshotId}/`) && !key.includes("/records/")),
    ).toEqual([]);
  }
};
