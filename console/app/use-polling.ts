/**
 * Calls `poll` again and again: the next time `everyMs` after the last answer, never while the page is hidden, and at
 * once when it is shown again.
 */
import { useEffect, useRef } from "react";

export const usePolling = (poll: () => Promise<void>, everyMs: number | undefined): void => {
  const latest = useRef(poll);
  useEffect(() => {
    latest.current = poll;
  });
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const plan = (): void => {
      clearTimeout(timer);
      if (!ended && document.visibilityState === "visible") timer = setTimeout(run, everyMs);
    };
    const run = (): void => {
      clearTimeout(timer);
      if (ended || document.visibilityState !== "visible") return;
      void latest.current().finally(plan);
    };
    plan();
    document.addEventListener("visibilitychange", run);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", run);
    };
  }, [everyMs]);
};
