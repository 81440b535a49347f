/** The apps and environments that someone may see, and the one looked at: the address's, else the last, else the first. */
import { useEffect } from "react";
import type { AppList, AppView, EnvironmentList, EnvironmentSummary, Role } from "../api/types";
import { environmentsPath } from "../api/early";
import { readPlace, rememberPlace } from "./last-place";
import { replaceBy } from "./navigate";
import { hashOf, type Route } from "./place";
import { useAnswer } from "./use-answer";
import { useRoute } from "./use-route";

export interface Places extends Route {
  readonly apps: readonly AppView[] | undefined;
  readonly environments: readonly EnvironmentSummary[] | undefined;
  /** On the app that is looked at; undefined until they are known. */
  readonly roles: readonly Role[] | undefined;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

const NO_ROLES: readonly Role[] = [];

export const usePlaces = (): Places => {
  const route = useRoute();
  const { place, view } = route;
  const apps = useAnswer<AppList>("apps");
  const last = readPlace();
  // Somebody else may have been here before.
  const lastIsKnown = apps.value?.apps.some(({ project_id }) => project_id === last?.appId) ?? true;
  const wanted = place ?? (lastIsKnown ? last : undefined);
  const appId = route.appId ?? wanted?.appId ?? apps.value?.apps[0]?.project_id;
  const environments = useAnswer<EnvironmentList>(appId === undefined ? undefined : environmentsPath(appId));
  const list = environments.value?.environments;
  const chosen = wanted?.environmentId ?? list?.[0]?.environment_id;

  useEffect(() => {
    if (place !== undefined) return rememberPlace(place);
    if (appId !== undefined && chosen !== undefined && view !== undefined) {
      replaceBy(hashOf({ appId, environmentId: chosen }, view));
    }
  }, [place?.appId, place?.environmentId, appId, chosen, view]);

  return {
    ...route,
    apps: apps.value?.apps,
    environments: list,
    roles:
      apps.value === undefined
        ? undefined
        : (apps.value.apps.find(({ project_id }) => project_id === appId)?.roles ?? NO_ROLES),
    appId,
    error: apps.error ?? environments.error,
    reload: async () => {
      await Promise.all([apps.reload(), environments.reload()]);
    },
  };
};
