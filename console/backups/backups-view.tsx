/** The list of an environment's backups, and what can be done with them. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useEffect, useMemo, useRef, useState } from "react";
import { sentenceOf } from "../api/client";
import type { EnvironmentSummary, Role, SnapshotView } from "../api/types";
import { Dialogs, loadLater } from "../app/later";
import type { Place } from "../app/place";
import { NARROW, useMedia } from "../app/use-media";
import { count, tierName, utc } from "../text/format";
import { columnsOf, NARROW_COLUMNS } from "./columns";
import type { Dialog } from "./dialog";
import { badgeOf, stateName } from "./state-badge";
import { useSnapshots } from "./use-snapshots";

const PAGE_SIZE = 25;
const NONE: readonly SnapshotView[] = [];

interface BackupsViewProps {
  readonly place: Place;
  readonly environments: readonly EnvironmentSummary[] | undefined;
  /** What is not allowed is not offered; the API decides in any case. */
  readonly roles: readonly Role[];
}

export const BackupsView = ({ place, environments, roles }: BackupsViewProps) => {
  const { list, error, reload } = useSnapshots(place);
  const [dialog, setDialog] = useState<Dialog>();
  const narrow = useMedia(NARROW);
  const createButton = useRef<ButtonProps.Ref>(null);
  const uploadButton = useRef<ButtonProps.Ref>(null);
  const close = (): void => {
    setDialog(undefined);
    // The keyboard goes on where it came from; a row may be gone.
    requestAnimationFrame(() => {
      const opener = dialog?.kind === "upload" ? uploadButton.current : (rowButton(dialog) ?? createButton.current);
      opener?.focus();
    });
  };
  useLaterWhen(list !== undefined);
  const columns = useMemo(() => {
    const all = columnsOf(roles, (kind, snapshot) => setDialog({ kind, snapshot }));
    return narrow ? all.filter(({ id }) => NARROW_COLUMNS.includes(id ?? "")) : all;
  }, [narrow, roles]);
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount, actions } = useCollection(
    list ?? NONE,
    {
      filtering: {
        filteringFunction: matches,
        empty: <Box textAlign="center">No backups yet: create one, or wait for the night.</Box>,
        noMatch: (
          <Box textAlign="center">
            <p>No backup matches.</p>
            <Button onClick={() => actions.setFiltering("")}>Clear the filter</Button>
          </Box>
        ),
      },
      pagination: { pageSize: PAGE_SIZE },
      sorting: { defaultState: { sortingColumn: { sortingField: "created_at" }, isDescending: true } },
    },
  );
  const offered = roles.includes("backup")
    ? {}
    : { disabled: true, disabledReason: "You may only look at these backups." };
  const total = list?.length ?? 0;
  const warning = list?.find((one) => one.warning !== null)?.warning ?? undefined;
  return (
    <>
      {error === undefined ? null : (
        <Alert type="error" action={<Button onClick={() => void reload()}>Try again</Button>}>
          {sentenceOf(error)}
        </Alert>
      )}
      {warning === undefined ? null : (
        <Alert type="warning" header="The last backup expires soon">
          {warning}
        </Alert>
      )}
      <Table
        {...collectionProps}
        items={items}
        columnDefinitions={columns}
        trackBy="snapshot_id"
        variant="full-page"
        loading={list === undefined && error === undefined}
        loadingText="Loading the backups"
        ariaLabels={{ tableLabel: "Backups" }}
        totalItemsCount={total}
        firstIndex={(paginationProps.currentPageIndex - 1) * PAGE_SIZE + 1}
        renderAriaLive={({ firstIndex, lastIndex }) => `Backups ${firstIndex} to ${lastIndex} of ${filteredItemsCount}`}
        header={
          <Header
            variant="awsui-h1-sticky"
            description="Times are UTC, sizes are uncompressed."
            counter={list === undefined ? "" : `(${count(total)})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh the list" onClick={() => void reload()} />
                <Button {...offered} ref={uploadButton} onClick={() => setDialog({ kind: "upload" })}>
                  Upload Backup
                </Button>
                <Button variant="primary" {...offered} ref={createButton} onClick={() => setDialog({ kind: "create" })}>
                  Create Backup
                </Button>
              </SpaceBetween>
            }
          >
            Backups
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder="Find by date, person, comment, status, version or id"
            filteringAriaLabel="Filter the backups"
            countText={`${count(filteredItemsCount ?? 0)} ${filteredItemsCount === 1 ? "match" : "matches"}`}
          />
        }
        pagination={<Pagination {...paginationProps} />}
      />
      {dialog === undefined ? null : (
        <Dialogs dialog={dialog} place={place} environments={environments ?? []} onChanged={reload} onClose={close} />
      )}
    </>
  );
};

const rowButton = (dialog: Dialog | undefined): HTMLElement | null =>
  dialog === undefined || !("snapshot" in dialog)
    ? null
    : document.querySelector(`[data-snapshot="${CSS.escape(dialog.snapshot.snapshot_id)}"] button`);

/** The text of a row as it is shown, and what only the details show. */
const matches = (snapshot: SnapshotView, text: string): boolean => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const row = [
    utc(snapshot.created_at),
    utc(snapshot.expires_at),
    snapshot.created_at.slice(0, 10),
    stateName(badgeOf(snapshot)),
    ...snapshot.warnings.map(({ message }) => message),
    tierName(snapshot.tier),
    snapshot.type,
    snapshot.comment,
    snapshot.model_version,
    snapshot.snapshot_id,
  ]
    .join(" ")
    .toLowerCase();
  return words.every((word) => row.includes(word));
};

/** Everything else is fetched once the list stands and the browser has nothing better to do. */
const useLaterWhen = (filled: boolean): void => {
  useEffect(() => {
    if (!filled) return undefined;
    const handle = setTimeout(() => void loadLater().catch(() => undefined), 1500);
    return () => clearTimeout(handle);
  }, [filled]);
};
