/** `register`, `started`, `stopped`, `show` and `probe`: an environment's registration and what is noted of its app. */
import type { Command } from "commander";
import { answer, commonOptions, type CommonOptions } from "./common-options";
import { readRegistrationFile } from "./registration-file";
import { CommandFailure, type Surroundings } from "./surroundings";
import { type ActionAnswer, openActions, type UserActions } from "./user-actions";
import { isWaiting, type Wait, waitOption, waitSeconds } from "./wait-option";

const PROBE_SECONDS = 600;
const POLL_MS = 5_000;

export function addRegistrationCommands(program: Command, surroundings: Surroundings): void {
  const registering = program
    .command("register <file>")
    .description("register an environment, or bring its registration up to date, then probe it")
    .option("--no-probe", "do not probe it");
  waitOption(registering, "for the probe's findings", PROBE_SECONDS)
    .addHelpText("after", "\nExample: npx backups register shop-production.json --stage production")
    .action(async (file: string, own: { probe: boolean; wait: Wait }, command: Command) => {
      const options = commonOptions(command);
      const registration = readRegistrationFile(file);
      if (options.region !== undefined && options.region !== registration.region) {
        throw new CommandFailure(2, [
          `${file}: "region" says "${registration.region}", and --region says "${options.region}"; leave --region out, or correct one of them.`,
        ]);
      }
      const actions = await openActions(options, surroundings, registration.region);
      const registered = await actions.register(registration);
      if (!own.probe) return answer(options, surroundings, registered, [registered.message]);
      if (options.json !== true) surroundings.out(registered.message);
      return probe(registration.environmentId, own.wait, {
        actions,
        options,
        surroundings,
        message: registered.message,
      });
    });
  program
    .command("started <environment>")
    .description("note that the app has been deployed and started: nightly backups begin")
    .option("--model-version <version>", "version of the deployment package")
    .addHelpText("after", "\nExample: npx backups started shop-production --model-version 12.0.1")
    .action((environmentId: string, own: { modelVersion?: string }, command: Command) =>
      note(command, (actions) => actions.started(environmentId, own.modelVersion)),
    );
  program
    .command("stopped <environment>")
    .description("note that the app has been stopped: it may be restored into")
    .addHelpText("after", "\nExample: npx backups stopped shop-acceptance")
    .action((environmentId: string, _own: unknown, command: Command) =>
      note(command, (actions) => actions.stopped(environmentId)),
    );
  program
    .command("show <environment>")
    .description("show an environment's registration, its state and the findings of its last probe")
    .addHelpText("after", "\nExample: npx backups show shop-production --json")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const { document, lines } = await (await openActions(options, surroundings)).show(environmentId);
      answer(options, surroundings, document, lines);
    });
  const probing = program
    .command("probe <environment>")
    .description("check connection, server version, secret, bucket and key from inside the environment's network");
  waitOption(probing, "for the findings", PROBE_SECONDS)
    .addHelpText("after", "\nExample: npx backups probe shop-production")
    .action(async (environmentId: string, own: { wait: Wait }, command: Command) => {
      const options = commonOptions(command);
      const actions = await openActions(options, surroundings);
      return probe(environmentId, own.wait, { actions, options, surroundings, message: "" });
    });

  async function note(command: Command, change: (actions: UserActions) => Promise<ActionAnswer>): Promise<void> {
    const options = commonOptions(command);
    const noted = await change(await openActions(options, surroundings));
    answer(options, surroundings, noted, [noted.message]);
  }
}

/** Starts a probe and waits for findings that are newer than the last ones. */
async function probe(
  environmentId: string,
  wait: Wait,
  given: {
    readonly actions: UserActions;
    readonly options: CommonOptions;
    readonly surroundings: Surroundings;
    readonly message: string;
  },
): Promise<void> {
  const { actions, options, surroundings, message } = given;
  const { now, sleep } = surroundings;
  const before = (await actions.probe(environmentId)).probe?.at;
  const later = `look later with: backups show ${environmentId}`;
  if (!isWaiting(wait))
    return answer(options, surroundings, { message, environmentId, probe: null }, [
      `Environment ${environmentId} is being probed; ${later}`,
    ]);
  const limitSeconds = waitSeconds(wait, PROBE_SECONDS);
  const deadline = now().getTime() + limitSeconds * 1000;
  for (;;) {
    const { probe: found } = await actions.show(environmentId);
    if (found !== null && found.at !== before) {
      const isWell = found.findings.length === 0;
      const well = [`The probe of ${found.at} found nothing missing in environment ${environmentId}.`];
      answer(options, surroundings, { message, environmentId, probe: found }, isWell ? well : found.findings);
      if (isWell) return;
      throw new CommandFailure(1, [
        `The probe of environment ${environmentId} found ${found.findings.length} problem(s); mend them and probe again.`,
      ]);
    }
    if (now().getTime() >= deadline) {
      throw new CommandFailure(1, [
        `The probe of environment ${environmentId} has not answered within ${limitSeconds} seconds; ${later}`,
      ]);
    }
    await sleep(POLL_MS);
  }
}
