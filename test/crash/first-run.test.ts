import type { PostgresServer } from "../support/postgres";
import { backUp, restore, expectVerified } from "./runs";
import { SimulatedService } from "./simulated-service";
import { withSmallDatabases } from "./small-databases";
import { contentsOf, furnish, restoredContents, TARGET, type SmallWorld } from "./small-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("./handler-collaborators"));
let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

test("without a crash, a backup, its verification and a restore go through", async () => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  const snapshot = await backUp(world);
  await expectVerified(world, snapshot);
  const should = await restoredContents(world);
  const result = await restore(world, snapshot);
  expect(result).toMatchObject({ status: "SUCCEEDED" });
  expect(await contentsOf(world, TARGET)).toEqual(should);
});
