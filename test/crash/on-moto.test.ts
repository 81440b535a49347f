/** A sample of the points at which a backup may stop, on a real S3 server (I1, I2, I5). */
import { S3Store } from "../../lambda/storage/s3-store-client";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import { createMotoBucket, motoCredentials, startMoto, type Moto } from "../support/moto";
import type { PostgresServer } from "../support/postgres";
import type { Mode } from "./crash-points";
import { expectNothingHeld } from "./invariants";
import { backUp, expectVerified, retain } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { change, changeBack, furnish, type SmallWorld } from "./small-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const motos: Moto[] = [];
afterAll(() => Promise.all(motos.map((moto) => moto.stop())));

const worldOnMoto = async (): Promise<SmallWorld> => {
  const moto = await startMoto();
  motos.push(moto);
  await createMotoBucket(moto, PRIMARY_BUCKET, { objectLock: true });
  await createMotoBucket(moto, FILES_BUCKET);
  // Ahead of the server's clock, so that every lock ends in its future.
  const service = new SimulatedService(postgres, { now: new Date(Date.now() + 3_600_000) });
  service.otherStore = new S3Store(
    createS3Client({ region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials }),
  );
  const world: SmallWorld = { service, postgres };
  await changeBack(world);
  await furnish(world, "single-region");
  return world;
};

const SAMPLES = 8;

test.each<Mode>(["invocation", "service"])(
  "I1, I2, I5: on moto, a backup whose %s stops at a sample of points is taken by the next run",
  async (mode) => {
    const world = await worldOnMoto();
    const first = await backUp(world);
    await change(world);
    world.service.points.arm(-1, mode);
    const second = await backUp(world);
    const count = world.service.points.passed.length;
    world.service.points.disarm();
    expect(count).toBeGreaterThan(40);
    await changeBack(world);
    for (let sample = 0; sample < SAMPLES; sample++) {
      const at = Math.floor(((sample + 0.5) * count) / SAMPLES);
      world.service.points.arm(at, mode);
      await backUp(world);
      world.service.points.disarm();
      world.service.base.clock.advance(3_600_000);
      const next = await backUp(world);
      world.service.base.clock.advance(25 * 3_600_000);
      await retain(world);
      for (const snapshotId of [first, second, next]) await expectVerified(world, snapshotId);
      await expectNothingHeld(world);
    }
  },
  300_000,
);
