/** Stays up after the story: time flows, schedules fire, and whatever is started has its waits cut short. */
import type { LocalApp } from "../local-app";
import type { Options } from "../options";
import type { Progress } from "./progress";
import { USER } from "./story-context";

/** Ends never; the process is ended by a signal. */
export const stayUp = async (
  local: LocalApp,
  { region, stage }: Options,
  environmentId: string,
  progress: Progress,
): Promise<void> => {
  local.pausedSchedules.clear();
  progress.title("Staying up; end with Ctrl-C");
  progress.line("Every AWS client reaches the app here:");
  progress.line(
    `  export AWS_ENDPOINT_URL=${local.endpoint.origin} AWS_REGION=${region} AWS_ACCESS_KEY_ID=${USER} AWS_SECRET_ACCESS_KEY=local`,
  );
  progress.line(`  npx backups --stage ${stage} --account ${local.app.account} show ${environmentId}`);
  progress.line(`  npx backups --stage ${stage} --account ${local.app.account} backup ${environmentId}`);
  progress.line(`  aws s3api list-object-versions --bucket ${local.buckets[0]}`);
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
