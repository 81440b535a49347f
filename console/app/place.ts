/**
 * Where the page is: app, environment, view and dialogue, in the address's hash, so that it can be kept and sent:
 *
 *   #/apps/APP                                      the app's first environment
 *   #/apps/APP/environments/ENV[/VIEW]              a view of an environment
 *   #/apps/APP/environments/ENV/backups/create      or upload: a dialogue over the list
 *   #/apps/APP/environments/ENV/snapshots/ID[/WHAT] a snapshot's dialogue, its details where nothing is said
 *   #/VIEW                                          the view, of the environment looked at last
 *
 * Pure.
 */
export const VIEWS = ["backups", "calendar", "environment", "regions"] as const;
export type View = (typeof VIEWS)[number];
export interface Place {
  readonly appId: string;
  readonly environmentId: string;
}
export const LIST_DIALOGS = ["create", "upload"] as const;
export const SNAPSHOT_DIALOGS = ["details", "download", "contents", "restore", "keep", "delete"] as const;
export type RowAction = (typeof SNAPSHOT_DIALOGS)[number];
export type DialogAddress =
  | { readonly kind: (typeof LIST_DIALOGS)[number] }
  | { readonly kind: RowAction; readonly snapshotId: string };
export interface Route {
  readonly appId: string | undefined;
  readonly place: Place | undefined;
  /** Undefined: there is no such address. */
  readonly view: View | undefined;
  /** Over the list of backups. */
  readonly dialog?: DialogAddress;
}

export const hashOf = (place: Place, view: View): string => `${placeHash(place)}/${view}`;
export const dialogHash = (place: Place, dialog: DialogAddress): string => {
  if (!("snapshotId" in dialog)) return `${placeHash(place)}/backups/${dialog.kind}`;
  const snapshot = `${placeHash(place)}/snapshots/${encodeURIComponent(dialog.snapshotId)}`;
  return dialog.kind === "details" ? snapshot : `${snapshot}/${dialog.kind}`;
};
const placeHash = ({ appId, environmentId }: Place): string =>
  `#/apps/${encodeURIComponent(appId)}/environments/${encodeURIComponent(environmentId)}`;

export const routeOf = (hash: string): Route => {
  const words = hash.replace(/^#?\/?/, "").replace(/\/$/, "");
  const parts = words === "" ? [] : words.split("/").map(decoded);
  const nowhere: Route = { appId: undefined, place: undefined, view: undefined };
  if (parts.some((part) => part === undefined || part === "")) return nowhere;
  const [first, appId, second, environmentId, ...rest] = parts as readonly string[];
  if (first !== "apps" || appId === undefined) {
    const view = first === undefined ? "backups" : viewNamed(first);
    return parts.length > 1 ? nowhere : { ...nowhere, view };
  }
  if (second === undefined) return { appId, place: undefined, view: "backups" };
  if (second !== "environments" || environmentId === undefined) return { ...nowhere, appId };
  return { appId, place: { appId, environmentId }, ...belowPlace(rest) };
};

const belowPlace = ([first = "backups", second, third, ...more]: readonly string[]): Pick<Route, "view" | "dialog"> => {
  if (more.length > 0) return { view: undefined };
  if (first === "snapshots" && second !== undefined) {
    const kind = SNAPSHOT_DIALOGS.find((one) => one === (third ?? "details"));
    return kind === undefined ? { view: undefined } : { view: "backups", dialog: { kind, snapshotId: second } };
  }
  if (second === undefined) return { view: viewNamed(first) };
  const kind = first === "backups" && third === undefined ? LIST_DIALOGS.find((one) => one === second) : undefined;
  return kind === undefined ? { view: undefined } : { view: "backups", dialog: { kind } };
};

const viewNamed = (name: string): View | undefined => VIEWS.find((one) => one === name);

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
