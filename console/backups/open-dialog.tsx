/** The dialogue that the address names, once its snapshot is known; else the reason why it can't be opened. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { ApiFailure, sentenceOf } from "../api/client";
import { environmentPath } from "../api/early";
import type { Role, SnapshotView } from "../api/types";
import { Dialogs } from "../app/later";
import type { DialogAddress } from "../app/place";
import { useAnswer } from "../app/use-answer";
import type { DialogProps } from "./dialog";
import { obstacleTo, ROLES_UNKNOWN } from "./row-actions";

interface OpenDialogProps extends DialogProps {
  readonly address: DialogAddress;
  readonly list: readonly SnapshotView[] | undefined;
  readonly roles: readonly Role[] | undefined;
}
export const OpenDialog = ({ address, list, roles, ...props }: OpenDialogProps) => {
  const { place, onClose } = props;
  const id = "snapshotId" in address ? address.snapshotId : undefined;
  const listed = list?.find(({ snapshot_id }) => snapshot_id === id);
  // Asked for only where the list has come and doesn't name it: it may be newer, or there may be no such snapshot.
  const isMissing = id !== undefined && list !== undefined && listed === undefined;
  const one = useAnswer<SnapshotView>(
    isMissing ? `${environmentPath(place)}/snapshots/${encodeURIComponent(id)}` : undefined,
  );
  if (!("snapshotId" in address)) {
    const problem = roles === undefined ? undefined : obstacleToMaking(roles);
    if (problem !== undefined) return <NotOpened reason={problem} onClose={onClose} />;
    return <Dialogs dialog={address} {...props} />;
  }
  const snapshot = listed ?? one.value;
  if (snapshot === undefined) {
    if (one.error === undefined) return null;
    const isGone = one.error instanceof ApiFailure && one.error.status === 404;
    const unknown = `Environment ${place.environmentId} has no backup ${address.snapshotId}: it may have expired or been deleted, or the address was cut off.`;
    return <NotOpened reason={isGone ? unknown : sentenceOf(one.error)} onClose={onClose} />;
  }
  const obstacle = roles === undefined ? undefined : obstacleTo(address.kind, snapshot, roles);
  if (obstacle !== undefined) return <NotOpened reason={obstacle} onClose={onClose} />;
  return <Dialogs dialog={{ kind: address.kind, snapshot }} {...props} />;
};

/** Why no backup can be created or uploaded here; undefined where one can. */
export const obstacleToMaking = (roles: readonly Role[] | undefined): string | undefined => {
  if (roles === undefined) return ROLES_UNKNOWN;
  return roles.includes("backup") ? undefined : "Your role on this app only lets you look at its backups.";
};

const NotOpened = ({ reason, onClose }: { readonly reason: string; readonly onClose: () => void }) => (
  <Alert type="error" header="This can't be opened" action={<Button onClick={onClose}>Show the list</Button>}>
    {reason}
  </Alert>
);
