/** An environment's snapshots as React state, which moves by itself: every few seconds while something runs. */
import { useCallback, useEffect, useState } from "react";
import { isAbort } from "../api/client";
import { environmentPath, FIRST_PAGE, get, peek } from "../api/early";
import type { SnapshotPage, SnapshotView } from "../api/types";
import type { Place } from "../app/place";
import { usePolling } from "../app/use-polling";
import { isMoving, isMovingBelow, mergeNewest } from "./merge-newest";

const MOVING_MS = 2000;
const QUIET_MS = 30_000;
const NEWEST = 50;

export interface Snapshots {
  /** Newest first; undefined before the first answer. */
  readonly list: readonly SnapshotView[] | undefined;
  readonly error: unknown;
  readonly reload: () => Promise<void>;
}

export const useSnapshots = (place: Place): Snapshots => {
  const path = `${environmentPath(place)}/snapshots`;
  const [list, setList] = useState<readonly SnapshotView[] | undefined>(
    () => peek<SnapshotPage>(path, FIRST_PAGE)?.snapshots,
  );
  const [error, setError] = useState<unknown>();

  const reload = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      try {
        // The newest are shown while the rest is on its way.
        const all = await fetchAll(path, (newest) => setList((known) => known ?? newest), signal);
        if (signal?.aborted === true) return;
        setList(all);
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

  const moving = list !== undefined && isMoving(list);
  usePolling(
    async () => {
      if (list === undefined || isMovingBelow(list, NEWEST)) return reload();
      try {
        const newest = await get<SnapshotPage>(path, { query: { offset: 0, limit: NEWEST } });
        const merged = mergeNewest(list, newest);
        if (merged === undefined) return await reload();
        setError(undefined);
        // An unchanged list stays the same list, so that nothing is drawn again.
        return setList((known) => (JSON.stringify(known) === JSON.stringify(merged) ? known : merged));
      } catch (failure) {
        return setError(failure);
      }
    },
    moving ? MOVING_MS : QUIET_MS,
  );
  return { list, error, reload };
};

const fetchAll = async (
  path: string,
  onFirst: (newest: readonly SnapshotView[]) => void,
  signal?: AbortSignal,
): Promise<readonly SnapshotView[]> => {
  const found = new Map<string, SnapshotView>();
  for (let offset: number = FIRST_PAGE.offset; ; offset += FIRST_PAGE.limit) {
    const { snapshots, total } = await get<SnapshotPage>(path, {
      query: { offset, limit: FIRST_PAGE.limit },
      ...(signal === undefined ? {} : { signal }),
    });
    for (const one of snapshots) found.set(one.snapshot_id, one);
    if (offset === FIRST_PAGE.offset) onFirst(snapshots);
    if (snapshots.length === 0 || offset + snapshots.length >= total) return [...found.values()];
  }
};
