/**
 * Registering through the API: the path's app and environment are the file's, and nothing is told of other apps. What
 * would be refused is refused before anything is audited or changed.
 */
import { recordAudit } from "../audit/record-audit";
import type { EnvironmentItem } from "../catalog/items";
import type { RegistrationFile } from "../catalog/registration";
import { register } from "../registration/register";
import { objectionToChange, objectionToNew, resolveReplication } from "../registration/registration-rules";
import { ApiError } from "./api-error";
import type { ApiCollaborators } from "./api-context";

export interface RegistrationWish {
  readonly projectId: string;
  readonly environmentId: string;
  readonly file: RegistrationFile;
  readonly by: string;
}

export async function registerEnvironment(
  collaborators: ApiCollaborators,
  { projectId, environmentId, file, by }: RegistrationWish,
): Promise<EnvironmentItem> {
  const { catalog, settings } = collaborators;
  requireSame("environmentId", file.environmentId, environmentId);
  requireSame("appId", file.appId, projectId);
  const standing = await catalog.getEnvironment(environmentId);
  if (standing !== undefined && standing.registration.appId !== projectId)
    throw invalid(`The id ${environmentId} can't be used for an environment; choose another.`);
  const choice = resolveReplication(file, standing, settings.REPLICATION_DEFAULT);
  const registration = { ...file, replication: choice };
  const objection =
    standing === undefined
      ? objectionToNew(registration, settings.REGION)
      : objectionToChange(registration, standing, settings.REGION);
  if (objection !== undefined) throw invalid(objection);
  const place = { environmentId, replication: choice === "on" ? "replicated" : "single-region" } as const;
  await recordAudit(collaborators, place, {
    action: "environment.register",
    by,
    details: { appId: projectId, modelVersion: file.modelVersion },
  });
  const answer = await register(file, collaborators);
  // Somebody else was faster with other facts.
  if (!answer.ok) throw invalid(answer.message);
  const registered = await catalog.getEnvironment(environmentId);
  if (registered === undefined) throw new Error(`Environment ${environmentId} was registered and is not there.`);
  return registered;
}

function requireSame(name: string, given: string, inPath: string): void {
  if (given !== inPath) throw invalid(`"${name}" says "${given}", and the address "${inPath}"; make them the same.`);
}

const invalid = (message: string): ApiError => new ApiError("INVALID_PARAMETERS", message);
