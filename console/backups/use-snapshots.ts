/** An environment's snapshots as React state, which moves by itself: every few seconds while something runs. */
import { useCallback, useEffect, useState } from "react";
import { isAbort } from "../api/client";
import { environmentPath, FIRST_PAGE, get, peek } from "../api/early";
import type { SnapshotPage, SnapshotView } from "../api/types";
import { serviceNow } from "../app/clock";
import type { Place } from "../app/place";
import { usePolling } from "../app/use-polling";
import { isMoving, isMovingBelow, mergeNewest } from "./merge-newest";

const MOVING_MS = 2000;
const QUIET_MS = 30_000;
const NEWEST = 50;

interface Known {
  /** Newest first. */
  readonly list: readonly SnapshotView[];
  /** How many there are: more than the list has while the rest is on its way. */
  readonly total: number;
  /** The service's time at which it came. */
  readonly asOf: Date | undefined;
}
export interface Snapshots {
  /** Undefined before the first answer; kept when a later try fails. */
  readonly known: Known | undefined;
  /** Of the last try. */
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

const knownOf = ({ snapshots, total }: SnapshotPage): Known => ({ list: snapshots, total, asOf: serviceNow() });
const wholeOf = (list: readonly SnapshotView[]): Known => ({ list, total: list.length, asOf: serviceNow() });

export const useSnapshots = (place: Place): Snapshots => {
  const path = `${environmentPath(place)}/snapshots`;
  const [known, setKnown] = useState<Known | undefined>(() => {
    const page = peek<SnapshotPage>(path, FIRST_PAGE);
    return page === undefined ? undefined : knownOf(page);
  });
  const [error, setError] = useState<unknown>();

  const reload = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      try {
        // The newest are shown while the rest is on its way.
        const all = await fetchAll(path, (newest) => setKnown((now) => now ?? knownOf(newest)), signal);
        if (signal?.aborted === true) return;
        setKnown(wholeOf(all));
        setError(undefined);
      } catch (failure) {
        if (!isAbort(failure)) setError(failure);
      }
    },
    [path],
  );
  useEffect(() => {
    const controller = new AbortController();
    void reload(controller.signal);
    return () => controller.abort();
  }, [reload]);

  const list = known?.list;
  usePolling(
    async () => {
      if (known === undefined || known.list.length < known.total || isMovingBelow(known.list, NEWEST)) return reload();
      try {
        const newest = await get<SnapshotPage>(path, { query: { offset: 0, limit: NEWEST } });
        const merged = mergeNewest(known.list, newest);
        if (merged === undefined) return await reload();
        setError(undefined);
        // An unchanged list stays the same list, so that nothing is drawn again.
        return setKnown((now) =>
          JSON.stringify(now?.list) === JSON.stringify(merged) && now !== undefined
            ? { ...now, asOf: serviceNow() }
            : wholeOf(merged),
        );
      } catch (failure) {
        return setError(failure);
      }
    },
    list !== undefined && isMoving(list) ? MOVING_MS : QUIET_MS,
  );
  return { known, error, reload };
};

const fetchAll = async (
  path: string,
  onFirst: (newest: SnapshotPage) => void,
  signal?: AbortSignal,
): Promise<readonly SnapshotView[]> => {
  const found = new Map<string, SnapshotView>();
  for (let offset: number = FIRST_PAGE.offset; ; offset += FIRST_PAGE.limit) {
    const page = await get<SnapshotPage>(path, {
      query: { offset, limit: FIRST_PAGE.limit },
      ...(signal === undefined ? {} : { signal }),
    });
    const { snapshots, total } = page;
    for (const one of snapshots) found.set(one.snapshot_id, one);
    if (offset === FIRST_PAGE.offset) onFirst(page);
    if (snapshots.length === 0 || offset + snapshots.length >= total) return [...found.values()];
  }
};
