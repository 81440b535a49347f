/** Registers both environments, probes them, and notes the source as started and the target as stopped. */
import type { LocalEnvironment } from "../environments/environment";
import { askRegistration, minutesAfter, part, type StoryContext } from "./story-context";

export const registerEnvironments = (context: StoryContext): Promise<void> =>
  part(context, "Registering the environments", async () => {
    const { local, report } = context;
    for (const environment of [context.source, context.target]) {
      const { environmentId } = environment;
      const registered = await askRegistration(local, { action: "register", registration: environment.registration });
      report.check("registration", `${environmentId} is registered`, registered.ok, registered.message);
      await askRegistration(local, { action: "started", environmentId });
      if (environment.untouched === true)
        context.progress.step(`${environmentId} is not probed: a probe writes a small object into the bucket`);
      else await probe(context, environment);
    }
    await askRegistration(local, { action: "stopped", environmentId: context.target.environmentId });
  });

const probe = async ({ local, report, catalog }: StoryContext, { environmentId }: LocalEnvironment): Promise<void> => {
  const begun = await askRegistration(local, { action: "probe", environmentId });
  await local.clock.advanceTo(minutesAfter(local.clock.now(), 30), () => !local.executions.anyRunning());
  const found = (await catalog.getEnvironment(environmentId))?.probe;
  const nothing = !begun.ok
    ? begun.message
    : found === null || found === undefined
      ? "the probe left no findings"
      : undefined;
  report.checkNone(
    "registration",
    `the probe finds ${environmentId} in order`,
    nothing === undefined ? (found?.findings ?? []) : [nothing],
  );
};
