/** `expire --dry-run`: what retention would delete in an environment now, and why. It runs by itself every few minutes. */
import type { Command } from "commander";
import { expireOutput, type ExpireInput } from "../../lambda/retention/contract";
import { answer, commonOptions, connect } from "./common-options";
import { CommandFailure, type Surroundings } from "./surroundings";

export function addRetentionCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("expire <environment>")
    .description("print what retention would delete now, with reasons, without deleting anything")
    .requiredOption("--dry-run", "only print; deleting is left to the schedule")
    .addHelpText("after", "\nExample: npx backups expire shop-production --dry-run")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const deployment = await connect(options, surroundings);
      const input: ExpireInput & { step: "expire" } = { step: "expire", executionArn: "", environmentId, dryRun: true };
      const output = expireOutput.parse(await deployment.invoke("retention", input));
      answer(options, surroundings, output, output.reasons);
      if (output.outcome === "refused")
        throw new CommandFailure(1, [
          `Retention deletes nothing in environment ${environmentId} until this is mended.`,
        ]);
    });
}
