/** Escape also where the keyboard is nowhere: a button that was pressed is gone, and nothing has taken its place. */
import { useEffect, useRef } from "react";

export const useLostEscape = (onEscape: () => void): void => {
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    // Before anybody else hears of it: whoever does may take away what had the keyboard.
    const listen = (event: KeyboardEvent): void => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      if (event.key === "Escape" && isLost) latest.current();
    };
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, []);
};
