/** The place that the address names, else the last one in this browser, which is where a bare address leads. */
import { routeOf, type Place } from "./place";

const ITEM = "backups.place";

export const readPlace = (): Place | undefined => {
  const { place, appId } = routeOf(location.hash);
  // An address that names another app doesn't lead to the last one's environment.
  return place ?? (appId === undefined ? lastPlace() : undefined);
};
export const rememberPlace = (place: Place): void => localStorage.setItem(ITEM, JSON.stringify(place));
const lastPlace = (): Place | undefined => {
  try {
    const text = localStorage.getItem(ITEM);
    return text === null ? undefined : (JSON.parse(text) as Place);
  } catch {
    return undefined;
  }
};
