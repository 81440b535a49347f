/**
 * The user's actions through the deployment's functions, authorised by the caller's own AWS identity: they work where
 * the API's network policy lets nobody in, and need no key.
 */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import type { DeletionInput } from "../../lambda/deletion/contract";
import { registrationResponse, type RegistrationRequest } from "../../lambda/registration/contract";
import {
  backupAccepted,
  drillAnswered,
  drillsAnswered,
  type PublicSnapshot,
  restoreAnswered,
  snapshotsAnswered,
} from "../../lambda/requests/contract";
import { askRequests } from "./ask-requests";
import { describeEnvironment } from "./describe-environment";
import { CommandFailure, type Deployment, type Surroundings } from "./surroundings";
import type { ShownEnvironment, UserActions } from "./user-actions";

const POLL_MS = 5_000;

export function iamActions(deployment: Deployment, surroundings: Surroundings): UserActions {
  const { user, newRequestId } = surroundings;
  const snapshots = (environmentId: string): Promise<readonly PublicSnapshot[]> =>
    allSnapshots(deployment, environmentId);
  const shown = async (request: RegistrationRequest): Promise<ShownEnvironment> => {
    const { message, environment } = await ask(deployment, request);
    return environment === undefined
      ? { document: null, lines: [message], probe: null }
      : { document: environment, lines: describeEnvironment(environment), probe: environment.probe };
  };
  return {
    register: (registration) => ask(deployment, { action: "register", registration }),
    started: (environmentId, modelVersion) =>
      ask(deployment, {
        action: "started",
        environmentId,
        ...(modelVersion === undefined ? {} : { modelVersion }),
      }),
    stopped: (environmentId) => ask(deployment, { action: "stopped", environmentId }),
    show: (environmentId) => shown({ action: "show", environmentId }),
    probe: (environmentId) => shown({ action: "probe", environmentId }),
    backup: async (environmentId, comment) => {
      const request = { environmentId, comment, createdBy: user(), requestId: newRequestId() };
      return askRequests(deployment, { action: "backup", ...request }, backupAccepted);
    },
    snapshots,
    snapshot: async (environmentId, snapshotId) =>
      (await snapshots(environmentId)).find((found) => found.snapshotId === snapshotId),
    restore: ({ snapshotId, from, to, databaseOnly, acknowledged }) => {
      if (from === undefined) {
        throw new CommandFailure(2, [
          "Give --from, the environment that the snapshot was taken of; only the API (--url) finds it by itself.",
        ]);
      }
      return askRequests(
        deployment,
        {
          action: "restore",
          sourceEnvironmentId: from,
          snapshotId,
          targetEnvironmentId: to,
          databaseOnly,
          acknowledged: [...acknowledged],
          requestedBy: user(),
          requestId: newRequestId(),
        },
        restoreAnswered,
      );
    },
    restoreStatus: async (restoreId) =>
      (await askRequests(deployment, { action: "restore-status", restoreId }, restoreAnswered)).restore,
    drills: async (environmentId) => {
      const { drills, held } = await askRequests(deployment, { action: "drills", environmentId }, drillsAnswered);
      return { drills, message: held };
    },
    runDrill: async (environmentId, snapshotId) => {
      const request = { environmentId, snapshotId, requestedBy: user() };
      return (await askRequests(deployment, { action: "drill", ...request }, drillAnswered)).drill;
    },
    deleteSnapshot: (environmentId, snapshotId, limitSeconds) =>
      runDeletion(deployment, surroundings, { environmentId, snapshotId, requestedBy: user() }, limitSeconds),
  };
}

/** Throws a CommandFailure when the function says no. */
async function ask(
  deployment: Deployment,
  request: RegistrationRequest,
): Promise<{ readonly message: string; readonly environment: EnvironmentItem | undefined }> {
  const parsed = registrationResponse.safeParse(await deployment.invoke("registration", request));
  if (!parsed.success) {
    throw new CommandFailure(1, [
      "The registration function answered in an unknown form; update this checkout to the deployed version.",
    ]);
  }
  if (!parsed.data.ok) throw new CommandFailure(1, parsed.data.message.split("\n"));
  return { message: parsed.data.message, environment: parsed.data.environment as EnvironmentItem | undefined };
}

async function allSnapshots(deployment: Deployment, environmentId: string): Promise<readonly PublicSnapshot[]> {
  const found: PublicSnapshot[] = [];
  let cursor: string | undefined;
  do {
    const page = await askRequests(
      deployment,
      { action: "snapshots", environmentId, ...(cursor === undefined ? {} : { cursor }) },
      snapshotsAnswered,
    );
    found.push(...page.snapshots);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

async function runDeletion(
  deployment: Deployment,
  { now, sleep }: Surroundings,
  input: Omit<DeletionInput, "executionArn">,
  limitSeconds: number | null,
): Promise<{ readonly message: string; readonly executionArn: string }> {
  const { environmentId, snapshotId } = input;
  // Two within a second are one; a later one finds the snapshot gone and says so.
  const name = `${snapshotId.slice(0, 60)}-${Math.floor(now().getTime() / 1000)}`;
  const executionArn = await deployment.start("deletion", name, input);
  if (limitSeconds === null)
    return {
      message: `The deletion of snapshot ${snapshotId} goes on by itself; look at ${executionArn}.`,
      executionArn,
    };
  const deadline = now().getTime() + limitSeconds * 1000;
  for (;;) {
    const outcome = await deployment.outcomeOf(executionArn);
    if (outcome?.succeeded === true)
      return { message: `Snapshot ${snapshotId} of environment ${environmentId} is deleted.`, executionArn };
    if (outcome !== null) throw new CommandFailure(1, [outcome.message]);
    if (now().getTime() >= deadline) {
      throw new CommandFailure(1, [
        `The deletion has not ended within ${limitSeconds} seconds and goes on; look at ${executionArn}.`,
      ]);
    }
    await sleep(POLL_MS);
  }
}
