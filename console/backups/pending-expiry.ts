/**
 * Later expiries that were asked for in this page: a backup keeps its old one until all of it is locked, and shows the
 * new one as pending until then. Each is followed until it has come, or for as long as locking may take.
 */
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import type { SnapshotView } from "../api/types";
import { notify } from "../app/notices";
import type { Place } from "../app/place";
import { createStore } from "../app/store";
import { utc } from "../text/format";

/** The later expiry, by snapshot id. */
export const pendingExpiries = createStore<Readonly<Record<string, string>>>({});

const LOOK_MS = 3000;
const LOOKS = 300;

export interface KeptBackup {
  readonly place: Place;
  readonly snapshot: Pick<SnapshotView, "snapshot_id" | "created_at">;
  /** An instant. */
  readonly until: string;
  readonly onChanged: () => Promise<void>;
}

/** Settles when the new expiry has come, or is given up on; never fails. */
export const followKeep = async ({ place, snapshot, until, onChanged }: KeptBackup): Promise<void> => {
  const { snapshot_id: id, created_at } = snapshot;
  pendingExpiries.set({ ...pendingExpiries.get(), [id]: until });
  const came = await whenKept(`${environmentPath(place)}/snapshots/${encodeURIComponent(id)}`, until);
  // Somebody may have asked for an even later one meanwhile: that has a follower of its own.
  if (pendingExpiries.get()[id] !== until) return;
  const { [id]: _, ...others } = pendingExpiries.get();
  pendingExpiries.set(others);
  const name = `The backup of ${utc(created_at)} UTC`;
  if (came) notify("success", `${name} is locked, and is kept until ${utc(until)} UTC.`);
  else notify("warning", `${name} has not been locked until ${utc(until)} UTC yet: look at the list later.`);
  await onChanged();
};

const whenKept = async (path: string, until: string): Promise<boolean> => {
  for (let look = 0; look < LOOKS; look++) {
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
    try {
      const { expires_at } = await request<SnapshotView>("GET", path);
      if (Date.parse(expires_at) >= Date.parse(until)) return true;
    } catch {
      // The next look may get through; the last one ends it.
    }
  }
  return false;
};
