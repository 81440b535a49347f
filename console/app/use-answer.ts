/** A GET as React state; asked anew when the path changes. The last answer stays while the next is on its way. */
import { useCallback, useEffect, useState } from "react";
import { isAbort } from "../api/client";
import { get, peek } from "../api/early";
import type { RequestOptions } from "../api/client";

export interface Answer<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

/** `path` undefined: nothing is asked for. */
export const useAnswer = <T>(path: string | undefined, query?: RequestOptions["query"]): Answer<T> => {
  const [state, setState] = useState<{ path?: string | undefined; value?: T; error?: unknown }>(() => {
    const value = path === undefined ? undefined : peek<T>(path, query);
    return value === undefined ? {} : { path, value };
  });
  const queryText = JSON.stringify(query ?? {});
  const ask = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      if (path === undefined) return;
      try {
        const asked = queryText === "{}" ? {} : { query: JSON.parse(queryText) as Record<string, string> };
        const value = await get<T>(path, signal === undefined ? asked : { ...asked, signal });
        if (signal?.aborted !== true) setState({ path, value });
      } catch (error) {
        if (!isAbort(error) && signal?.aborted !== true) setState({ path, error });
      }
    },
    [path, queryText],
  );
  useEffect(() => {
    const controller = new AbortController();
    void ask(controller.signal);
    return () => controller.abort();
  }, [ask]);
  const current = state.path === path ? state : {};
  return { value: current.value, error: current.error, reload: ask };
};
