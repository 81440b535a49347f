/** When a backup expires, and the later date that has been asked for and isn't locked yet. */
import type { SnapshotView } from "../api/types";
import { useStore } from "../app/store";
import { utc } from "../text/format";
import { pendingExpiries } from "./pending-expiry";

export const ExpiryCell = ({ snapshot }: { readonly snapshot: SnapshotView }) => {
  const wanted = useStore(pendingExpiries)[snapshot.snapshot_id];
  return (
    <>
      <span className="one-line">{utc(snapshot.expires_at)}</span>
      {wanted === undefined || Date.parse(wanted) <= Date.parse(snapshot.expires_at) ? null : (
        <>
          <br />
          <small>Pending: {utc(wanted)}</small>
        </>
      )}
    </>
  );
};
