/** The apps and environments that someone may see, and the one looked at: the address's, else the last, else the first. */
import { useEffect } from "react";
import type { AppList, AppView, EnvironmentList, EnvironmentSummary, Role } from "../api/types";
import { environmentsPath } from "../api/early";
import { readPlace, rememberPlace } from "./last-place";
import { hashOf, type Place, type View } from "./place";
import { useAnswer } from "./use-answer";
import { useRoute } from "./use-route";

export interface Places {
  readonly view: View;
  readonly place: Place | undefined;
  readonly apps: readonly AppView[] | undefined;
  readonly environments: readonly EnvironmentSummary[] | undefined;
  /** On the app that is looked at; empty until they are known. */
  readonly roles: readonly Role[];
  /** Of the app whose environments are listed. */
  readonly appId: string | undefined;
  readonly error: unknown;
}

const NO_ROLES: readonly Role[] = [];

export const usePlaces = (): Places => {
  const { place, view } = useRoute();
  const apps = useAnswer<AppList>("apps");
  const last = readPlace();
  // Somebody else may have been here before.
  const lastIsKnown = apps.value?.apps.some(({ project_id }) => project_id === last?.appId) ?? true;
  const wanted = place ?? (lastIsKnown ? last : undefined);
  const appId = wanted?.appId ?? apps.value?.apps[0]?.project_id;
  const environments = useAnswer<EnvironmentList>(appId === undefined ? undefined : environmentsPath(appId));
  const list = environments.value?.environments;
  const chosen = wanted?.environmentId ?? list?.[0]?.environment_id;

  useEffect(() => {
    if (place !== undefined) return rememberPlace(place);
    if (appId !== undefined && chosen !== undefined) {
      location.replace(hashOf({ appId, environmentId: chosen }, view));
    }
  }, [place, appId, chosen, view]);

  return {
    view,
    place,
    apps: apps.value?.apps,
    environments: list,
    roles: apps.value?.apps.find(({ project_id }) => project_id === appId)?.roles ?? NO_ROLES,
    appId,
    error: apps.error ?? environments.error,
  };
};
