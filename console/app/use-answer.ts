/**
 * A GET as React state; asked anew when the path changes. The last answer stays while the next is on its way, and when
 * that fails: with the failure, and the time of which it is.
 */
import { useCallback, useEffect, useState } from "react";
import { ApiFailure, isAbort, type RequestOptions } from "../api/client";
import { get, peek } from "../api/early";
import { serviceNow } from "./clock";
import { usePolling } from "./use-polling";

export interface Answer<T> {
  readonly value: T | undefined;
  /** Of the last try; `value` may be there from an earlier one. */
  readonly error: unknown;
  /** The service's time at which `value` came. */
  readonly asOf: Date | undefined;
  readonly reload: () => Promise<void>;
}
interface State<T> {
  readonly name: string | undefined;
  readonly value?: T;
  readonly error?: unknown;
  readonly asOf?: Date | undefined;
}
/** What failed for a while is asked for again by itself. */
const RETRY_MS = 10_000;

/** `path` undefined: nothing is asked for. */
export const useAnswer = <T>(path: string | undefined, query?: RequestOptions["query"]): Answer<T> => {
  const [state, setState] = useState<State<T>>(() => {
    const value = path === undefined ? undefined : peek<T>(path, query);
    return value === undefined ? { name: path } : { name: path, value, asOf: serviceNow() };
  });
  const queryText = JSON.stringify(query ?? {});
  const ask = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      if (path === undefined) return;
      try {
        const asked = queryText === "{}" ? {} : { query: JSON.parse(queryText) as Record<string, string> };
        const value = await get<T>(path, signal === undefined ? asked : { ...asked, signal });
        if (signal?.aborted !== true) setState({ name: path, value, asOf: serviceNow() });
      } catch (error) {
        if (isAbort(error) || signal?.aborted === true) return;
        setState((known) => (known.name === path ? { ...known, error } : { name: path, error }));
      }
    },
    [path, queryText],
  );
  useEffect(() => {
    const controller = new AbortController();
    void ask(controller.signal);
    return () => controller.abort();
  }, [ask]);
  const current = state.name === path ? state : undefined;
  const passes = current?.error instanceof ApiFailure && current.error.passes;
  usePolling(ask, passes ? RETRY_MS : undefined);
  return { value: current?.value, error: current?.error, asOf: current?.asOf, reload: ask };
};
