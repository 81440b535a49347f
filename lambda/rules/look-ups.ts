/**
 * What look-ups by people's words go by: an app's name and address, an environment's mode. A registration may say them;
 * what it doesn't say follows from the ids, so that every environment has a mode and no two of an app have the same.
 * The names are those of the published Deploy API, version 1
 * (source: https://docs.mendix.com/apidocs-mxsdk/apidocs/deploy-api/). Pure.
 */
export const ENVIRONMENT_MODE = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$/;
export const PRODUCTION_MODE = "Production";
/** What the platform calls the environments that every app has. */
const COMMON_MODES = ["Test", "Acceptance", PRODUCTION_MODE];

export interface LookedUp {
  readonly environmentId: string;
  readonly appId: string;
  readonly appName?: string | undefined;
  readonly mode?: string | undefined;
  readonly url?: string | undefined;
}

/** As registered; else `shop-production` of app `shop` is in mode Production, and any other's mode is its own id. */
export const modeOf = ({ environmentId, appId, mode }: LookedUp): string =>
  mode ?? COMMON_MODES.find((common) => environmentId === `${appId}-${common.toLowerCase()}`) ?? environmentId;

export const isProduction = (registration: LookedUp): boolean => isSame(modeOf(registration), PRODUCTION_MODE);

/** By its id, else by its mode in any case. Several only where two were registered in the same moment. */
export const inMode = <E extends { readonly registration: LookedUp }>(
  environments: readonly E[],
  mode: string,
): E[] => {
  const byId = environments.filter(({ registration }) => registration.environmentId === mode);
  return byId.length > 0 ? byId : environments.filter(({ registration }) => isSame(modeOf(registration), mode));
};

/** Its production environment says what an app is called, else the first that says it; without a word it is its id. */
export const appNameOf = (registrations: readonly LookedUp[], appId: string): string =>
  spokenFor(registrations).find(({ appName }) => appName !== undefined)?.appName ?? appId;
/** The production environment's, else the first that there is. */
export const appUrlOf = (registrations: readonly LookedUp[]): string | undefined =>
  spokenFor(registrations).find(({ url }) => url !== undefined)?.url;

const spokenFor = (registrations: readonly LookedUp[]): readonly LookedUp[] =>
  registrations.toSorted(
    (a, b) => Number(isProduction(b)) - Number(isProduction(a)) || (a.environmentId < b.environmentId ? -1 : 1),
  );

/** Why an environment can't be found by its mode beside the app's others; undefined when it can. */
export function objectionToMode(wanted: LookedUp, registered: readonly LookedUp[]): string | undefined {
  const { environmentId, appId } = wanted;
  const mode = modeOf(wanted);
  const others = registered.filter((one) => one.appId === appId && one.environmentId !== environmentId);
  const sameMode = others.find((one) => isSame(modeOf(one), mode));
  if (sameMode !== undefined)
    return `Environment ${environmentId}: the mode "${mode}" is that of environment ${sameMode.environmentId} of app ${appId} already, and environments are looked up by it; give "mode" another name.`;
  const sameId = others.find((one) => isSame(one.environmentId, mode));
  if (sameId !== undefined)
    return `Environment ${environmentId}: "mode" says "${mode}", which is the id of another environment of app ${appId}; give it another name.`;
  const takenId = others.find((one) => isSame(modeOf(one), environmentId));
  if (takenId !== undefined)
    return `Environment ${environmentId}: its id is the mode of environment ${takenId.environmentId} of app ${appId}; register it under another id.`;
  return undefined;
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Without control characters and halves of characters, which no page, log or file can show. */
export const isOneLine = (text: string): boolean => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) && text.trim() !== "";

export const isWebAddress = (text: string): boolean => {
  if (!/^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(text)) return false;
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
};
