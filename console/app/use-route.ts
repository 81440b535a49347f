/** The address's hash as React state. */
import { useMemo, useSyncExternalStore } from "react";
import { routeOf, type Route } from "./place";

const subscribe = (listener: () => void): (() => void) => {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
};
const current = (): string => location.hash;

export const useRoute = (): Route => {
  const hash = useSyncExternalStore(subscribe, current);
  return useMemo(() => routeOf(hash), [hash]);
};
