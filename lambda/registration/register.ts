/**
 * Registering an environment, and registering it again with other facts. The record goes first, then the catalog: a
 * failure between the two leaves a record that is ahead, and repeating the call completes it.
 */
import { isoSeconds } from "../catalog/catalog";
import { ConditionFailed } from "../catalog/catalog-table";
import type { EnvironmentItem } from "../catalog/items";
import { putRegistrationRecord } from "../catalog/records";
import type { Registration, RegistrationFile } from "../catalog/registration";
import { sslChange } from "../catalog/ssl-mode";
import type { Collaborators } from "../runtime/collaborators";
import type { RegistrationResponse } from "./contract";
import { objectionToMode } from "../rules/look-ups";
import { environmentsOfApp } from "../environments/environments-of-app";
import { objectionTo, resolveReplication } from "./registration-rules";

export type RegistrationCollaborators = Pick<
  Collaborators,
  "settings" | "catalog" | "store" | "workflows" | "clock" | "log"
>;

export async function register(
  file: RegistrationFile,
  collaborators: RegistrationCollaborators,
): Promise<RegistrationResponse> {
  const { catalog, settings, clock } = collaborators;
  const { environmentId } = file;
  const standing = await catalog.getEnvironment(environmentId);
  const replication = resolveReplication(file, standing, settings.REPLICATION_DEFAULT);
  const registration: Registration = { ...file, replication };
  const objection = objectionTo(registration, standing, settings) ?? (await modeObjection(catalog, registration));
  if (objection !== undefined) return { ok: false, message: objection };
  if (standing === undefined) {
    const created = newEnvironment(registration, clock.now());
    await putRegistrationRecord(created, collaborators);
    try {
      await catalog.createEnvironment(created);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // Somebody registered it at the same time, or our own reply was lost: now it is a change. The record is theirs.
      const theirs = await catalog.getEnvironment(environmentId);
      if (theirs !== undefined) await putRegistrationRecord(theirs, collaborators);
      return register(file, collaborators);
    }
    return {
      ok: true,
      message: `Environment ${environmentId} is registered. ${replicationSentence(created, settings)}`,
      environment: created,
    };
  }
  const changed: EnvironmentItem = {
    ...standing,
    registration,
    modelVersion: registration.modelVersion === "" ? standing.modelVersion : registration.modelVersion,
  };
  await putRegistrationRecord(changed, collaborators);
  await catalog.updateEnvironment(environmentId, { registration, modelVersion: changed.modelVersion });
  return {
    ok: true,
    message: `The registration of environment ${environmentId} was brought up to date.${sslChange(standing.registration.database, registration.database)}`,
    environment: changed,
  };
}

/** Two that are registered in the same moment may get by; look-ups then ask for an id. */
export const modeObjection = async (
  catalog: RegistrationCollaborators["catalog"],
  registration: Registration,
): Promise<string | undefined> => {
  const others = await environmentsOfApp(catalog, registration.appId);
  return objectionToMode(
    registration,
    others.map((one) => one.registration),
  );
};

const newEnvironment = (registration: Registration, now: Date): EnvironmentItem => ({
  environmentId: registration.environmentId,
  registration,
  replication: registration.replication === "on" ? "replicated" : "single-region",
  registeredAt: isoSeconds(now),
  firstStartedAt: null,
  running: false,
  modelVersion: registration.modelVersion,
  lastDurationSeconds: null,
  lastSnapshotId: null,
  probe: null,
});

const replicationSentence = (
  { replication }: EnvironmentItem,
  { RECOVERED_REGION: recovered }: RegistrationCollaborators["settings"],
): string => {
  if (recovered !== undefined)
    return `Snapshots of ${recovered} can be restored into it; no backups of it are taken here.`;
  return replication === "replicated"
    ? "Its snapshots are replicated to the replication region; this choice is final."
    : "Its snapshots stay in this region only; this choice is final.";
};
