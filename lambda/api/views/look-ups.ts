/** Apps, environments and snapshots as the published first versions of the Deploy and Backups APIs show them. Pure. */
import { shownComment } from "../../snapshot/published-words";
import type { EnvironmentItem, SnapshotItem } from "../../catalog/items";
import { appNameOf, appUrlOf, isProduction, modeOf } from "../../rules/look-ups";
import type { FirstApp, FirstEnvironment, FirstSnapshot } from "../schemas/look-ups";
import type { VisibleApp } from "../visible-apps";

export const appSummary = ({ appId, environments, roles }: VisibleApp) => ({
  project_id: appId,
  name: appNameOf(registrationsOf(environments), appId),
  environments: environments.length,
  roles: [...roles],
});

/** `page` is this service's, for apps and environments whose own address nobody registered. */
export const firstAppView = (
  { appId, environments }: Pick<VisibleApp, "appId" | "environments">,
  page: string,
): FirstApp => {
  const registrations = registrationsOf(environments);
  return {
    AppId: appId,
    ProjectId: appId,
    Name: appNameOf(registrations, appId),
    Url: appUrlOf(registrations) ?? page,
  };
};

export const firstEnvironmentView = (environment: EnvironmentItem, page: string): FirstEnvironment => {
  const { registration, environmentId, modelVersion } = environment;
  return {
    EnvironmentId: environmentId,
    Mode: modeOf(registration),
    Url: registration.url ?? page,
    Status: statusOf(environment),
    ModelVersion: modelVersion,
    MendixVersion: registration.runtimeVersion ?? "",
    Production: isProduction(registration),
  };
};

const registrationsOf = (environments: readonly EnvironmentItem[]) =>
  environments.map(({ registration }) => registration);

const statusOf = ({ running, firstStartedAt }: EnvironmentItem): FirstEnvironment["Status"] =>
  running ? "Running" : firstStartedAt === null ? "Empty" : "Stopped";

const STATES = { queued: "Queued", running: "Running", failed: "Failed", completed: "Completed" } as const;

/** Times are milliseconds since 1970. */
export const firstSnapshotView = (snapshot: SnapshotItem): FirstSnapshot => ({
  SnapshotID: snapshot.snapshotId,
  Comment: shownComment(snapshot),
  State: STATES[snapshot.state],
  ExpiresOn: Date.parse(snapshot.expiresAt),
  CreatedOn: Date.parse(snapshot.createdAt),
  ModelVersion: snapshot.modelVersion,
});
