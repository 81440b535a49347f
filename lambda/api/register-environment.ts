/**
 * Registering through the API: the path's app and environment are the file's, and nothing is told of other apps. What
 * would be refused is refused before anything is audited or changed.
 */
import type { Caller } from "../access/authenticate";
import { EVERY_APP, rolesOn } from "../access/roles";
import { recordAudit } from "../audit/record-audit";
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem } from "../catalog/items";
import type { Registration, RegistrationFile } from "../catalog/registration";
import { modeObjection, register } from "../registration/register";
import { objectionTo, resolveReplication } from "../registration/registration-rules";
import { ApiError } from "./api-error";
import type { ApiCollaborators } from "./api-context";
import { othersResource } from "./others-resources";

const LONGEST_HOST = 253;

export interface RegistrationWish {
  readonly projectId: string;
  readonly environmentId: string;
  readonly file: RegistrationFile;
  readonly by: Caller;
}

export async function registerEnvironment(
  collaborators: ApiCollaborators,
  { projectId, environmentId, file, by }: RegistrationWish,
): Promise<EnvironmentItem> {
  const { catalog, settings } = collaborators;
  requireSame("environmentId", file.environmentId, environmentId);
  requireSame("appId", file.appId, projectId);
  const standing = await catalog.getEnvironment(environmentId);
  if (standing !== undefined && standing.registration.appId !== projectId) throw idTaken(environmentId);
  const choice = resolveReplication(file, standing, settings.REPLICATION_DEFAULT);
  const registration = { ...file, replication: choice };
  const objection = objectionTo(registration, standing, settings) ?? (await modeObjection(catalog, registration));
  if (objection !== undefined) throw invalid(objection);
  if (!rolesOn(by, EVERY_APP).has("administer")) await refuseOthers(collaborators, registration);
  const place = { environmentId, replication: choice === "on" ? "replicated" : "single-region" } as const;
  await recordAudit(collaborators, place, {
    action: "environment.register",
    by: by.name,
    details: { appId: projectId, modelVersion: file.modelVersion, ...whereDataIs(registration) },
  });
  const answer = await register(file, collaborators);
  const registered = await catalog.getEnvironment(environmentId);
  // Somebody else was faster, with other facts or for another app.
  if (registered !== undefined && registered.registration.appId !== projectId) throw idTaken(environmentId);
  if (!answer.ok) throw invalid(answer.message);
  if (registered === undefined) throw new Error(`Environment ${environmentId} was registered and is not there.`);
  return registered;
}

/** The same sentence whatever another app has there: it is not told which, nor what. */
async function refuseOthers({ catalog, api }: ApiCollaborators, wanted: Registration): Promise<void> {
  const environments: EnvironmentItem[] = [];
  for await (const item of allPages((cursor) => catalog.listEnvironments(cursor))) environments.push(item);
  const field = othersResource(wanted, environments, api.registering);
  if (field === undefined) return;
  throw new ApiError(
    "NO_ACCESS",
    `"${field}" names what app ${wanted.appId} may not have by its own administrators' word; name another, or ask somebody who administers every app to register it.`,
  );
}

/** Without the secret: the registration's own record, which keeps its versions, has it. */
const whereDataIs = ({ database, files }: Registration) => ({
  database: { host: database.host.slice(0, LONGEST_HOST), port: database.port, name: database.name, ssl: database.ssl },
  files: { bucket: files.bucket, prefix: files.prefix },
});

function requireSame(name: string, given: string, inPath: string): void {
  if (given !== inPath) throw invalid(`"${name}" says "${given}", and the address "${inPath}"; make them the same.`);
}

const idTaken = (environmentId: string): ApiError =>
  invalid(`The id ${environmentId} can't be used for an environment; choose another.`);
const invalid = (message: string): ApiError => new ApiError("INVALID_PARAMETERS", message);
