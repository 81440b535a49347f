/**
 * A drill is stopped at requests, SQL statements and states all along its way. After a stopped function or task the
 * workflow ends it by itself; after a stopped service the next hour does. Either way nothing is left at the drill
 * target, nothing is pinned or leased, and the drill has an outcome (I5).
 */
import { DRILL_LEASE } from "../../lambda/catalog/drills";
import type { Mode } from "../crash/crash-points";
import { pointsToTry } from "../crash/points-to-try";
import { backUp, expectVerified } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { changeBack, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import type { PostgresServer } from "../support/postgres";
import { atTarget, drillsOf, giveTarget, runHour, setDrillSettings } from "./drill-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
setDrillSettings();

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));
const HOUR = 3_600_000;
/** `CRASH_SAMPLE=1` tries every point. */
const USUAL_SAMPLE = 13;

const dropAll = async (): Promise<void> => {
  for (const { datname } of await postgres.query(
    "postgres",
    "SELECT datname FROM pg_database WHERE datname LIKE 'drill\\_%'",
  ))
    await postgres.query("postgres", `DROP DATABASE "${datname as string}" WITH (FORCE)`);
};

test.each<Mode>(["invocation", "service"])(
  "I5: a drill whose %s stops at any point leaves nothing after the next hours",
  async (mode) => {
    const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
    const { service } = world;
    await changeBack(world);
    await furnish(world);
    await giveTarget(world);
    const snapshotId = await backUp(world);
    service.base.clock.advance(7 * 24 * HOUR + 12 * HOUR);
    const putBack = service.save();
    service.points.arm(-1, mode);
    expect(await runHour(world)).toMatchObject({ status: "SUCCEEDED" });
    expect(await drillsOf(world)).toMatchObject([{ outcome: "passed" }]);
    const names = [...service.points.passed];
    expect(names.length).toBeGreaterThan(60);
    for (const at of pointsToTry(names.length, USUAL_SAMPLE)) {
      putBack();
      await dropAll();
      service.points.arm(at, mode);
      await runHour(world);
      service.points.disarm();
      try {
        for (let hour = 0; hour < 3; hour++) {
          service.base.clock.advance(HOUR);
          await runHour(world);
        }
        expect(await atTarget(world)).toEqual([]);
        const { catalog } = service.base;
        expect(await catalog.getLease(DRILL_LEASE)).toBeUndefined();
        expect((await catalog.getDrillState()) ?? { current: null }).toMatchObject({ current: null });
        const drills = await drillsOf(world);
        expect(drills.length).toBeGreaterThan(0);
        for (const drill of drills) expect([drill.drillId, drill.state]).toEqual([drill.drillId, "completed"]);
        expect((await catalog.listPins(SOURCE)).items).toEqual([]);
        await expectVerified(world, snapshotId);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  },
  1_200_000,
);
