/** The list of an environment's backups, and what can be done with them. */
import Alert from "@cloudscape-design/components/alert";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiFailure } from "../api/client";
import type { EnvironmentSummary, Role, SnapshotView } from "../api/types";
import { Failure } from "../app/failure";
import { loadLater } from "../app/later";
import { goTo, leaveFor } from "../app/navigate";
import { dialogHash, hashOf, type DialogAddress, type Place } from "../app/place";
import { count } from "../text/format";
import { BackupsTable } from "./backups-table";
import { columnsOf } from "./columns";
import { obstacleToMaking, OpenDialog } from "./open-dialog";
import { useSnapshots } from "./use-snapshots";

interface BackupsViewProps {
  readonly place: Place;
  /** The dialogue that the address names. */
  readonly address: DialogAddress | undefined;
  readonly environments: readonly EnvironmentSummary[] | undefined;
  /** What is not allowed is not offered; the API decides in any case. Undefined until they are known. */
  readonly roles: readonly Role[] | undefined;
}

export const BackupsView = ({ place, address, environments, roles }: BackupsViewProps) => {
  const { known, error, reload } = useSnapshots(place);
  const createButton = useRef<ButtonProps.Ref>(null);
  const uploadButton = useRef<ButtonProps.Ref>(null);
  const open = (dialog: DialogAddress): void => goTo(dialogHash(place, dialog));
  const later = useLaterWhen(known !== undefined);
  useFocusBack(address, { create: createButton, upload: uploadButton });
  const columns = useMemo(
    () => columnsOf({ place, roles, onAction: (kind, { snapshot_id }) => open({ kind, snapshotId: snapshot_id }) }),
    [place.appId, place.environmentId, roles],
  );
  const obstacle = obstacleToMaking(roles);
  const offered = obstacle === undefined ? {} : { disabled: true, disabledReason: obstacle };
  const warning = known?.list.find((one) => one.warning !== null)?.warning ?? undefined;
  // Without a list there is nothing to say of it, least of all that it is empty.
  const failed = known === undefined && error !== undefined;
  const isThere = !(failed && error instanceof ApiFailure && !error.passes);
  return (
    <>
      {failed ? <Header variant="h1">Backups</Header> : null}
      <Failure error={error} stale={known !== undefined} asOf={known?.asOf} onRetry={reload} />
      {warning === undefined ? null : (
        <Alert type="warning" header="The last backup expires soon">
          {warning}
        </Alert>
      )}
      {address === undefined || !isThere ? null : (
        <OpenDialog
          address={address}
          list={known?.list}
          roles={roles}
          place={place}
          environments={environments ?? []}
          onChanged={reload}
          onClose={() => leaveFor(hashOf(place, "backups"))}
        />
      )}
      {failed ? null : (
        <BackupsTable
          list={known?.list}
          columns={columns}
          withPreferences={later}
          header={
            <Header
              variant="awsui-h1-sticky"
              description="Times are UTC, sizes are uncompressed."
              counter={known === undefined ? "" : counterOf(known)}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Refresh the list" onClick={() => void reload()} />
                  <Button {...offered} ref={uploadButton} onClick={() => open({ kind: "upload" })}>
                    Upload Backup
                  </Button>
                  <Button variant="primary" {...offered} ref={createButton} onClick={() => open({ kind: "create" })}>
                    Create Backup
                  </Button>
                </SpaceBetween>
              }
            >
              Backups
            </Header>
          }
        />
      )}
    </>
  );
};

const counterOf = ({ list, total }: { readonly list: readonly SnapshotView[]; readonly total: number }): string =>
  list.length < total ? `(${count(list.length)} of ${count(total)} so far)` : `(${count(total)})`;

type Buttons = Readonly<Record<"create" | "upload", { readonly current: ButtonProps.Ref | null }>>;

/** When a dialogue has been closed the keyboard goes on where it came from; a row may be gone. */
const useFocusBack = (address: DialogAddress | undefined, { create, upload }: Buttons): void => {
  const last = useRef<DialogAddress>(undefined);
  useEffect(() => {
    const closed = last.current;
    last.current = address;
    if (closed === undefined || address !== undefined) return undefined;
    const frame = requestAnimationFrame(() => {
      const opener = closed.kind === "upload" ? upload.current : (rowButton(closed) ?? create.current);
      opener?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [address]);
};
const rowButton = (dialog: DialogAddress): HTMLElement | null =>
  "snapshotId" in dialog ? document.querySelector(`[data-snapshot="${CSS.escape(dialog.snapshotId)}"] button`) : null;

/** Everything else is fetched once the list stands and the browser has nothing better to do; true from then on. */
const useLaterWhen = (filled: boolean): boolean => {
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    if (!filled) return undefined;
    const handle = setTimeout(() => {
      void loadLater().then(
        () => setLoaded(true),
        () => undefined,
      );
    }, 1500);
    return () => clearTimeout(handle);
  }, [filled]);
  return loaded;
};
