/** `delete`: starts the deletion workflow, the only one that may go around a lock, and waits for its end. */
import type { Command } from "commander";
import type { DeletionInput } from "../../lambda/deletion/contract";
import { answer, commonOptions, connect, seconds } from "./common-options";
import { CommandFailure, type Surroundings } from "./surroundings";

const WAIT_SECONDS = 900;
const POLL_MS = 5_000;

export function addDeletionCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("delete <environment> <snapshot>")
    .description("delete a snapshot before its expiry, in both regions; this can't be undone")
    .requiredOption("--yes", "yes, delete it")
    .option("--wait <seconds>", "how long to wait for the end", seconds, WAIT_SECONDS)
    .action(async (environmentId: string, snapshotId: string, own: { wait: number }, command: Command) => {
      const options = commonOptions(command);
      const { now, sleep, user } = surroundings;
      const deployment = await connect(options, surroundings);
      const input: Omit<DeletionInput, "executionArn"> = { environmentId, snapshotId, requestedBy: user() };
      // Two within a second are one; a later one finds the snapshot gone and says so.
      const name = `${snapshotId.slice(0, 60)}-${Math.floor(now().getTime() / 1000)}`;
      const executionArn = await deployment.start("deletion", name, input);
      const deadline = now().getTime() + own.wait * 1000;
      for (;;) {
        const outcome = await deployment.outcomeOf(executionArn);
        if (outcome?.succeeded === true) {
          const message = `Snapshot ${snapshotId} of environment ${environmentId} is deleted.`;
          return answer(options, surroundings, { message, executionArn }, [message]);
        }
        if (outcome !== null) throw new CommandFailure(1, [outcome.message]);
        if (now().getTime() >= deadline) {
          throw new CommandFailure(1, [
            `The deletion has not ended within ${own.wait} seconds and goes on; look at ${executionArn}.`,
          ]);
        }
        await sleep(POLL_MS);
      }
    });
}
