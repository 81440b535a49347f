/** `probe`: looks at everything a backup or restore of the environment will need, and writes what is missing, if anything. */
import { isoSeconds } from "../catalog/catalog";
import { putProbeRecord } from "../catalog/outcome-records";
import { ServiceFailure } from "../runtime/collaborators";
import { probeBucket } from "./probe-bucket";
import { probeDatabase } from "./probe-database";
import type { TaskContext } from "./task-context";

export const probe = async (context: TaskContext, environmentId: string): Promise<void> => {
  const { catalog, clock, log, store } = context;
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined)
    throw new ServiceFailure(
      "EnvironmentMissing",
      `The environment "${environmentId}" isn't registered; register it first.`,
      false,
    );
  const { registration } = environment;
  const findings = [...(await probeDatabase(context, registration)), ...(await probeBucket(store, registration.files))];
  const found = { at: isoSeconds(clock.now()), findings };
  await putProbeRecord(environment, found, context);
  await catalog.updateEnvironment(environmentId, { probe: found });
  log.info("Probed the environment.", { environmentId, findings });
};
