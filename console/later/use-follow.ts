/** Follows something that runs in the service, by asking for it every second or so until it has ended. */
import { useState } from "react";
import { request } from "../api/client";
import { usePolling } from "../app/use-polling";

const FOLLOW_MS = 1000;

/** A restore that waits for warnings to be acknowledged: it goes no further by itself. */
export const isHeld = ({ state, phase }: { readonly state: string; readonly phase?: string }): boolean =>
  state === "queued" && phase === "acknowledgement";

export interface Followed<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  /** What was asked for, and where it is found. */
  readonly follow: (value: T, path: string) => void;
  readonly clear: () => void;
}

export const useFollow = <T extends { readonly state: string; readonly phase?: string }>(): Followed<T> => {
  const [state, setState] = useState<{ value?: T; path?: string; error?: unknown }>({});
  const { value, path } = state;
  const ended =
    value === undefined ||
    path === undefined ||
    value.state === "completed" ||
    value.state === "failed" ||
    isHeld(value);
  usePolling(
    async () => {
      if (path === undefined) return;
      try {
        const next = await request<T>("GET", path);
        setState((now) => (now.path === path ? { value: next, path } : now));
      } catch (error) {
        setState((now) => (now.path === path ? { ...now, error } : now));
      }
    },
    ended ? undefined : FOLLOW_MS,
  );
  return {
    value,
    error: state.error,
    follow: (first, at) => setState({ value: first, path: at }),
    clear: () => setState({}),
  };
};
