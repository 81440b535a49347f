/** `delete`: a snapshot before its expiry, by the only workflow that may go around a lock. */
import type { Command } from "commander";
import { answer, commonOptions, seconds } from "./common-options";
import type { Surroundings } from "./surroundings";
import { openActions } from "./user-actions";

const WAIT_SECONDS = 900;

export function addDeletionCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("delete <environment> <snapshot>")
    .description("delete a snapshot before its expiry, in both regions; this can't be undone")
    .requiredOption("--yes", "yes, delete it")
    .option("--wait <seconds>", "how long to wait for the end", seconds, WAIT_SECONDS)
    .addHelpText("after", "\nExample: npx backups delete shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --yes")
    .action(async (environmentId: string, snapshotId: string, own: { wait: number }, command: Command) => {
      const options = commonOptions(command);
      const actions = await openActions(options, surroundings);
      const deleted = await actions.deleteSnapshot(environmentId, snapshotId, own.wait);
      answer(options, surroundings, deleted, [deleted.message]);
    });
}
