/**
 * What the command line asks of the registration function. Every answer is one sentence. What is refused comes back as
 * `ok: false`; what failed on the way (storage, catalog) is thrown and may be repeated.
 */
import type { EnvironmentItem } from "../catalog/items";
import { isoSeconds } from "../catalog/catalog";
import type { DrillTarget } from "../catalog/drills";
import { putDrillTargetRecord, putRegistrationRecord } from "../catalog/records";
import { sslChange } from "../catalog/ssl-mode";
import { registrationRequest, type ProbeExecutionInput, type RegistrationResponse } from "./contract";
import { brokenText } from "../rules/whole-text";
import { register, type RegistrationCollaborators } from "./register";
import { validationSentences } from "./validation-sentences";

export async function handleRequest(
  event: unknown,
  collaborators: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const parsed = registrationRequest.safeParse(event);
  if (!parsed.success) return { ok: false, message: validationSentences(parsed.error, event).join("\n") };
  const broken = brokenText(event);
  if (broken !== undefined) return { ok: false, message: broken };
  const request = parsed.data;
  if (request.action === "register") return register(request.registration, collaborators);
  if (request.action === "drill-target") return putDrillTarget(request.target, collaborators);
  const { catalog, settings } = collaborators;
  const environment = await catalog.getEnvironment(request.environmentId);
  if (environment === undefined) {
    return {
      ok: false,
      message: `There is no environment ${request.environmentId} in ${settings.REGION}; register it first, or check its name and region.`,
    };
  }
  switch (request.action) {
    case "started":
      return started(environment, request.modelVersion, collaborators);
    case "stopped":
      return change(
        environment,
        { running: false },
        `Environment ${environment.environmentId} is noted as stopped.`,
        collaborators,
      );
    case "show":
      return { ok: true, message: `Environment ${environment.environmentId}.`, environment };
    default:
      return startProbe(environment, collaborators);
  }
}

/** The record first, then the catalog, so that the catalog can always be rebuilt. */
async function putDrillTarget(
  target: DrillTarget | null,
  collaborators: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const { REGION } = collaborators.settings;
  const standing = await collaborators.catalog.getDrillTarget();
  await putDrillTargetRecord(target, collaborators);
  await collaborators.catalog.putDrillTarget(target);
  if (target === null) return { ok: true, message: `No restore drills are held in ${REGION} any more.` };
  const { host, port } = target.database;
  return {
    ok: true,
    message: `Restore drills in ${REGION} take place at ${host}:${port}: each environment's once a week.${sslChange(standing?.database, target.database)}`,
  };
}

/** Rule 4: nightly backups begin once the app has been deployed and started. */
function started(
  environment: EnvironmentItem,
  modelVersion: string | undefined,
  collaborators: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const isFirst = environment.firstStartedAt === null;
  const facts = {
    running: true,
    firstStartedAt: environment.firstStartedAt ?? isoSeconds(collaborators.clock.now()),
    ...(modelVersion === undefined ? {} : { modelVersion }),
  };
  const begins = isFirst ? " Its nightly backups begin with the next window." : "";
  return change(
    environment,
    facts,
    `Environment ${environment.environmentId} is noted as started.${begins}`,
    collaborators,
  );
}

/** The record first, then the catalog, so that the catalog can always be rebuilt. */
async function change(
  environment: EnvironmentItem,
  facts: Partial<EnvironmentItem>,
  message: string,
  collaborators: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const changed = { ...environment, ...facts };
  await putRegistrationRecord(changed, collaborators);
  await collaborators.catalog.updateEnvironment(environment.environmentId, facts);
  return { ok: true, message, environment: changed };
}

/** Starting twice within a second is one probe. */
async function startProbe(
  environment: EnvironmentItem,
  { workflows, settings, clock }: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const { environmentId, registration } = environment;
  const { subnets, securityGroups, publicAddress } = registration.network;
  const name = `${environmentId}-${Math.floor(clock.now().getTime() / 1000)}`;
  await workflows.start(settings.PROBE_STATE_MACHINE_ARN, name, {
    environmentId,
    network: { subnets, securityGroups, assignPublicIp: publicAddress ? "ENABLED" : "DISABLED" },
  } satisfies ProbeExecutionInput);
  return {
    ok: true,
    message: `A probe of environment ${environmentId} has begun; its findings appear in the environment.`,
    environment,
  };
}
