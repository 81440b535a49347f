/**
 * Stays up: the page and the API are served, time flows, schedules fire, and whatever is started has its waits cut
 * short.
 */
import type { Options } from "../options";
import { examples } from "./examples";
import type { StoryContext } from "./story-context";

/** Ends never; the process is ended by a signal. */
export const stayUp = async (context: StoryContext, { region, stage }: Options): Promise<void> => {
  const { local, progress, report, api, source } = context;
  progress.title(`The page is there after ${report.seconds.toFixed(0)} s; end with Ctrl-C`);
  const { environmentId, registration } = source;
  for (const line of examples({ local, api, region, stage, appId: registration.appId, environmentId }))
    progress.line(line);
  progress.line(
    `The clock shows ${local.clock.now().toISOString()} and flows on; waits of what you start are cut short.`,
  );
  for (;;) {
    if (local.executions.anyRunning()) {
      await local.clock.advanceTo(
        new Date(local.clock.now().getTime() + 86_400_000),
        () => !local.executions.anyRunning(),
      );
    }
    local.clock.wakeDue();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
