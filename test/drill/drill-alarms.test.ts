/** The alarms of restore drills, each raised by a drill that really runs, and not raised by a good one. */
import { backUp } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { changeBack, furnish, type SmallWorld } from "../crash/small-world";
import { executionDatapoint, testAlarm } from "../monitoring/alarms";
import { PRIMARY_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { damage, giveTarget, runDrill, setDrillSettings } from "./drill-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
setDrillSettings();

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** Drilled after `spoil` has had its way; what the metrics then say. */
const drilled = async (spoil: (world: SmallWorld) => void) => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await changeBack(world);
  await furnish(world);
  await giveTarget(world);
  await backUp(world);
  spoil(world);
  const { drill, execution } = await runDrill(world);
  const { base } = world.service;
  base.metrics.flush();
  if (execution.status === "ABORTED") throw new Error("The drill was stopped.");
  return {
    drill,
    observed: {
      lines: base.metrics.lines(),
      datapoints: [executionDatapoint("drill", execution.status, base.clock.now())],
    },
  };
};
const nothing = (): void => undefined;

testAlarm("drill-failed", {
  condition: async () => {
    const { drill, observed } = await drilled(({ service: { base } }) => {
      damage(must(base.store.versions(PRIMARY_BUCKET).find(({ key }) => key.includes("/packs/"))));
    });
    if (drill.outcome !== "failed") throw new Error(`The drill of a damaged snapshot ended as ${drill.outcome}.`);
    return observed;
  },
  healthy: async () => (await drilled(nothing)).observed,
});

testAlarm("drill-slow", {
  condition: async () => {
    const { drill, observed } = await drilled(({ service: { base } }) => {
      const { onRequest } = base.store;
      let hours = 5;
      // The first file takes five hours.
      base.store.onRequest = (operation, ref) => {
        if (operation === "put" && ref.key?.startsWith("drills/") === true) base.clock.advance(hours * 3_600_000);
        hours = operation === "put" && ref.key?.startsWith("drills/") === true ? 0 : hours;
        return onRequest?.(operation, ref);
      };
    });
    const isSlow = drill.slow?.startsWith("It took 5 h, and more than 4 h is too long") === true;
    if (drill.outcome !== "passed" || !isSlow) throw new Error(`The slow drill ended as ${JSON.stringify(drill)}.`);
    return observed;
  },
  healthy: async () => (await drilled(nothing)).observed,
});
