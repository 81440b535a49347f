/** `delete`: a snapshot before its expiry, by the only workflow that may go around a lock. */
import { type Command, Option } from "commander";
import { answer, commonOptions } from "./common-options";
import { CONFIRM, confirmed } from "./confirm";
import type { Surroundings } from "./surroundings";
import { openActions } from "./user-actions";
import { isWaiting, type Wait, waitOption, waitSeconds } from "./wait-option";

const WAIT_SECONDS = 900;

interface DeletionOptions {
  readonly confirm?: string;
  readonly yes?: boolean;
  readonly wait: Wait;
}

export function addDeletionCommands(program: Command, surroundings: Surroundings): void {
  const deleting = program
    .command("delete <environment> <snapshot>")
    .description("delete a snapshot before its expiry, in both regions; this can't be undone")
    .option(CONFIRM, "the environment's name, in place of typing it when asked")
    // Scripts of before there was a name to confirm with.
    .addOption(new Option("--yes", "the same as --confirm with the environment's name").hideHelp());
  waitOption(deleting, "until it is gone", WAIT_SECONDS)
    .addHelpText(
      "after",
      "\nExample: npx backups delete shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --confirm shop-production",
    )
    .action(async (environmentId: string, snapshotId: string, own: DeletionOptions, command: Command) => {
      const options = commonOptions(command);
      await confirmed(own.yes === true ? { confirm: environmentId, ...own } : own, surroundings, {
        name: environmentId,
        what: `Snapshot ${snapshotId} of environment ${environmentId} will be deleted in both regions, for good.`,
      });
      const actions = await openActions(options, surroundings);
      const limit = isWaiting(own.wait) ? waitSeconds(own.wait, WAIT_SECONDS) : null;
      const deleted = await actions.deleteSnapshot(environmentId, snapshotId, limit);
      answer(options, surroundings, deleted, [deleted.message]);
    });
}
