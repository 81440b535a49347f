/** `register`, `started`, `stopped`, `show` and `probe`: all of them ask the registration function. */
import type { Command } from "commander";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { registrationResponse, type RegistrationRequest } from "../../lambda/registration/contract";
import { answer, commonOptions, connect, seconds, type CommonOptions } from "./common-options";
import { describeEnvironment } from "./describe-environment";
import { readRegistrationFile } from "./registration-file";
import { CommandFailure, type Deployment, type Surroundings } from "./surroundings";

const PROBE_SECONDS = 600;
const POLL_MS = 5_000;

interface Answered {
  readonly message: string;
  readonly environment: EnvironmentItem | undefined;
}

export function addRegistrationCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("register <file>")
    .description("register an environment, or bring its registration up to date, then probe it")
    .option("--no-probe", "do not probe it")
    .option("--wait <seconds>", "how long to wait for the probe's findings", seconds, PROBE_SECONDS)
    .action(async (file: string, own: { probe: boolean; wait: number }, command: Command) => {
      const options = commonOptions(command);
      const registration = readRegistrationFile(file);
      if (options.region !== undefined && options.region !== registration.region) {
        throw new CommandFailure(2, [
          `${file}: "region" says "${registration.region}", and --region says "${options.region}"; leave --region out, or correct one of them.`,
        ]);
      }
      const deployment = await connect(options, surroundings, registration.region);
      const registered = await ask(deployment, { action: "register", registration });
      if (!own.probe) return answer(options, surroundings, registered, [registered.message]);
      if (options.json !== true) surroundings.out(registered.message);
      return probe(registration.environmentId, own.wait, {
        deployment,
        options,
        surroundings,
        message: registered.message,
      });
    });
  program
    .command("started <environment>")
    .description("note that the app has been deployed and started: nightly backups begin")
    .option("--model-version <version>", "version of the deployment package")
    .action(async (environmentId: string, own: { modelVersion?: string }, command: Command) => {
      const request = { action: "started" as const, environmentId };
      await askAndAnswer(
        own.modelVersion === undefined ? request : { ...request, modelVersion: own.modelVersion },
        command,
      );
    });
  program
    .command("stopped <environment>")
    .description("note that the app has been stopped: it may be restored into")
    .action((environmentId: string, _own: unknown, command: Command) =>
      askAndAnswer({ action: "stopped", environmentId }, command),
    );
  program
    .command("show <environment>")
    .description("show an environment's registration, its state and the findings of its last probe")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const shown = await ask(await connect(options, surroundings), { action: "show", environmentId });
      answer(
        options,
        surroundings,
        shown.environment,
        shown.environment === undefined ? [shown.message] : describeEnvironment(shown.environment),
      );
    });
  program
    .command("probe <environment>")
    .description("check connection, server version, secret, bucket and key from inside the environment's network")
    .option("--wait <seconds>", "how long to wait for the findings", seconds, PROBE_SECONDS)
    .action(async (environmentId: string, own: { wait: number }, command: Command) => {
      const options = commonOptions(command);
      const deployment = await connect(options, surroundings);
      return probe(environmentId, own.wait, { deployment, options, surroundings, message: "" });
    });

  async function askAndAnswer(request: RegistrationRequest, command: Command): Promise<void> {
    const options = commonOptions(command);
    const answered = await ask(await connect(options, surroundings), request);
    answer(options, surroundings, answered, [answered.message]);
  }
}

/** Throws a CommandFailure when the function says no. */
async function ask(deployment: Deployment, request: RegistrationRequest): Promise<Answered> {
  const parsed = registrationResponse.safeParse(await deployment.invoke("registration", request));
  if (!parsed.success) {
    throw new CommandFailure(1, [
      "The registration function answered in an unknown form; update this checkout to the deployed version.",
    ]);
  }
  if (!parsed.data.ok) throw new CommandFailure(1, parsed.data.message.split("\n"));
  return { message: parsed.data.message, environment: parsed.data.environment as EnvironmentItem | undefined };
}

/** Starts a probe and waits for findings that are newer than the last ones. */
async function probe(
  environmentId: string,
  limitSeconds: number,
  given: {
    readonly deployment: Deployment;
    readonly options: CommonOptions;
    readonly surroundings: Surroundings;
    readonly message: string;
  },
): Promise<void> {
  const { deployment, options, surroundings, message } = given;
  const { now, sleep } = surroundings;
  const before = (await ask(deployment, { action: "probe", environmentId })).environment?.probe?.at;
  const deadline = now().getTime() + limitSeconds * 1000;
  for (;;) {
    const { environment } = await ask(deployment, { action: "show", environmentId });
    const found = environment?.probe;
    if (found && found.at !== before) {
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
        `The probe of environment ${environmentId} has not answered within ${limitSeconds} seconds; look later with: backups show ${environmentId}`,
      ]);
    }
    await sleep(POLL_MS);
  }
}
