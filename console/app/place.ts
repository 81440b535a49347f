/** Where the page is: app, environment and view, in the address's hash, so that it can be kept and sent. Pure. */
export const VIEWS = ["backups", "calendar", "environment", "regions"] as const;
export type View = (typeof VIEWS)[number];
export interface Place {
  readonly appId: string;
  readonly environmentId: string;
}
export interface Route {
  readonly place: Place | undefined;
  readonly view: View;
}

const PATTERN = /^#\/apps\/([^/]+)\/environments\/([^/]+)(?:\/([a-z]+))?$/;

export const hashOf = (place: Place, view: View): string =>
  `#/apps/${encodeURIComponent(place.appId)}/environments/${encodeURIComponent(place.environmentId)}/${view}`;

export const routeOf = (hash: string): Route => {
  const [, app, environment, view] = PATTERN.exec(hash) ?? [];
  const known = VIEWS.find((one) => one === (view ?? hash.replace("#/", ""))) ?? "backups";
  const [appId, environmentId] = [decoded(app), decoded(environment)];
  return {
    place: appId === undefined || environmentId === undefined ? undefined : { appId, environmentId },
    view: known,
  };
};

const decoded = (text: string | undefined): string | undefined => {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
