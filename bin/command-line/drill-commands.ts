/** `drills`: how an environment's restore drills went, one on demand, and where drills take place. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { drillTarget } from "../../lambda/catalog/drills";
import { registrationResponse } from "../../lambda/registration/contract";
import { validationSentences } from "../../lambda/registration/validation-sentences";
import { duration } from "../../lambda/rules/drills";
import { parseJsonWithComments } from "../../lib/config/json-with-comments";
import { answer, commonOptions, connect } from "./common-options";
import { describeDrill, describeDrills } from "./describe-drills";
import { CommandFailure, type Surroundings } from "./surroundings";
import { openActions } from "./user-actions";
import { isWaiting, type Wait, waitIfAsked, waitSeconds } from "./wait-option";

const POLL_MS = 5_000;
/** A drill takes as long as a restore, and may wait for another one. */
const WAIT_SECONDS = 24 * 3600;

export function addDrillCommands(program: Command, surroundings: Surroundings): void {
  const drills = program
    .command("drills")
    .description("restore drills: a snapshot is restored at the drill target, verified in full, and removed");
  drills
    .command("list <environment>")
    .description("the environment's last drills, newest first")
    .addHelpText("after", "\nExample: npx backups drills list shop-production")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const found = await (await openActions(options, surroundings)).drills(environmentId);
      answer(options, surroundings, { environmentId, ...found }, describeDrills(found, surroundings.columns));
    });
  const run = drills
    .command("run <environment>")
    .description("drill a random snapshot of the last 30 days now, or the one that is given")
    .option("--snapshot <id>", "this one");
  waitIfAsked(run, "until it has passed or not", WAIT_SECONDS)
    .addHelpText("after", "\nExit code 1: it did not pass.\nExample: npx backups drills run shop-production --wait")
    .action(async (environmentId: string, own: { snapshot?: string; wait?: Wait }, command: Command) => {
      const options = commonOptions(command);
      const actions = await openActions(options, surroundings);
      const asked = await actions.runDrill(environmentId, own.snapshot ?? null);
      if (!isWaiting(own.wait))
        return answer(options, surroundings, asked, [
          `Drill ${asked.drillId} of environment ${environmentId} is ${asked.state}; look at it with: backups drills list ${environmentId}`,
        ]);
      const limit = waitSeconds(own.wait, WAIT_SECONDS);
      const deadline = surroundings.now().getTime() + limit * 1000;
      for (;;) {
        const { drills: found } = await actions.drills(environmentId);
        const ended = found.find(({ drillId, state }) => drillId === asked.drillId && state === "completed");
        if (ended !== undefined) {
          answer(options, surroundings, ended, describeDrill(ended));
          if (ended.outcome === "passed") return;
          throw new CommandFailure(1, [`Drill ${ended.drillId} did not pass: ${ended.statusMessage}`]);
        }
        if (surroundings.now().getTime() >= deadline)
          throw new CommandFailure(1, [
            `Drill ${asked.drillId} has not ended within ${duration(limit)} and goes on; look at it with: backups drills list ${environmentId}`,
          ]);
        await surroundings.sleep(POLL_MS);
      }
    });
  drills
    .command("target [file]")
    .description("say where the region's drills take place: a PostgreSQL server that is meant for nothing else")
    .option("--remove", "take it away: no drills are held then")
    .addHelpText(
      "after",
      `
The file: { "database": { "host", "port", "secret", "ssl" }, "network": { "subnets", "securityGroups" },
"limits": { "databaseGiB": 100, "filesGiB": 500, "files": 2000000 } }. The secret's user must be allowed to create databases.
Example: npx backups drills target drill-target.json --stage production --region eu-central-1`,
    )
    .action(async (file: string | undefined, own: { remove?: boolean }, command: Command) => {
      const options = commonOptions(command);
      if ((file === undefined) === (own.remove !== true))
        throw new CommandFailure(2, ["Give either the file that describes the drill target, or --remove."]);
      const target = file === undefined ? null : readTarget(file);
      const deployment = await connect(options, surroundings);
      const answered = registrationResponse.parse(
        await deployment.invoke("registration", { action: "drill-target", target }),
      );
      if (!answered.ok) throw new CommandFailure(1, answered.message.split("\n"));
      answer(options, surroundings, { message: answered.message, target }, [answered.message]);
    });
}

function readTarget(path: string): unknown {
  let given: unknown;
  try {
    given = parseJsonWithComments(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(2, [`${path} can't be read: ${reason.replace(/\.$/, "")}.`], { cause });
  }
  const parsed = drillTarget.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new CommandFailure(
    2,
    validationSentences(parsed.error, given).map((sentence) => `${path}: ${sentence}`),
  );
}
