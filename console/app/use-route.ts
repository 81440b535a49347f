/** The address's hash as React state. */
import { useSyncExternalStore } from "react";
import { routeOf, type Route } from "./place";

const subscribe = (listener: () => void): (() => void) => {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
};
const current = (): string => location.hash;

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, current));
