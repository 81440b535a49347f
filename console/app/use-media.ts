/** Whether a media query holds. */
import { useMemo, useSyncExternalStore } from "react";

export const NARROW = "(max-width: 700px)";

export const useMedia = (query: string): boolean => {
  const list = useMemo(() => matchMedia(query), [query]);
  return useSyncExternalStore(
    (listener) => {
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => list.matches,
  );
};
