/** The alarm before an environment's last snapshot expires, from what retention counts. */
import { run } from "../retention/retention-run";
import { createEnvironment, seal } from "../retention/sealed-environment";
import { fakeCollaborators } from "../support/collaborators";
import { testAlarm } from "./alarms";

/** Two runs: the first tells, and every one after it counts. */
const weekBefore = async (newer: boolean) => {
  const collaborators = fakeCollaborators({ now: new Date("2026-12-03T03:18:00Z") });
  const environment = await createEnvironment(collaborators);
  await seal(collaborators, environment, "night");
  collaborators.clock.set("2026-12-10T03:18:00Z");
  await run(collaborators);
  if (newer) await seal(collaborators, environment, "newer");
  collaborators.metrics.lines();
  collaborators.clock.set("2026-12-10T03:40:00Z");
  await run(collaborators);
  return { lines: collaborators.metrics.lines() };
};
testAlarm("last-snapshot-expiring", { condition: () => weekBefore(false), healthy: () => weekBefore(true) });
