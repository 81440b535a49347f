/** The table of backups: filtered, sorted, paged, with the columns that someone has chosen in this browser. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState, type ReactNode } from "react";
import type { SnapshotView } from "../api/types";
import { Preferences } from "../app/later";
import { NARROW, useMedia } from "../app/use-media";
import { count, tierName, utc } from "../text/format";
import { keptFor, madeBy, typeName } from "../text/snapshot-words";
import type { Column } from "./columns";
import { readPreferences, writePreferences } from "./list-preferences";
import { badgeOf, stateName } from "./state-badge";

/** Headers for narrow windows, so that what is looked for first fits beside each other. */
const SHORT: Readonly<Record<string, string>> = { created: "Created", actions: "More" };
const NONE: readonly SnapshotView[] = [];

interface BackupsTableProps {
  /** Undefined while it is on its way. */
  readonly list: readonly SnapshotView[] | undefined;
  readonly columns: readonly Column[];
  readonly header: ReactNode;
  /** Whether they can be chosen yet. */
  readonly withPreferences: boolean;
}
export const BackupsTable = ({ list, columns, header, withPreferences }: BackupsTableProps) => {
  const width = useMedia(NARROW) ? "narrow" : "wide";
  const [chosen, setChosen] = useState(readPreferences);
  const preferences = chosen[width];
  const shown = useMemo(
    () => (width === "wide" ? columns : columns.map((one) => ({ ...one, header: SHORT[one.id] ?? one.header }))),
    [width, columns],
  );
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
      pagination: { pageSize: preferences.pageSize },
      sorting: { defaultState: { sortingColumn: { sortingField: "created_at" }, isDescending: true } },
    },
  );
  return (
    <Table
      {...collectionProps}
      items={items}
      columnDefinitions={shown}
      columnDisplay={preferences.columns}
      trackBy="snapshot_id"
      variant="full-page"
      loading={list === undefined}
      loadingText="Loading the backups"
      ariaLabels={{ tableLabel: "Backups" }}
      totalItemsCount={list?.length ?? 0}
      firstIndex={(paginationProps.currentPageIndex - 1) * preferences.pageSize + 1}
      renderAriaLive={({ firstIndex, lastIndex }) => `Backups ${firstIndex} to ${lastIndex} of ${filteredItemsCount}`}
      header={header}
      filter={
        <TextFilter
          {...filterProps}
          filteringPlaceholder={
            width === "narrow" ? "Find by date, person, status" : "Find by date, person, comment, status, version or id"
          }
          filteringAriaLabel="Filter the backups"
          countText={
            list === undefined
              ? ""
              : `${count(filteredItemsCount ?? 0)} ${filteredItemsCount === 1 ? "match" : "matches"}`
          }
        />
      }
      pagination={<Pagination {...paginationProps} />}
      preferences={
        withPreferences ? (
          <Preferences
            columns={columns}
            preferences={preferences}
            onChange={(changed) => {
              const next = { ...chosen, [width]: changed };
              setChosen(next);
              writePreferences(next);
            }}
          />
        ) : null
      }
    />
  );
};

/** The text of a row as it is shown, and what only the details show. */
const matches = (snapshot: SnapshotView, text: string): boolean => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const row = [
    utc(snapshot.created_at),
    utc(snapshot.expires_at),
    snapshot.created_at.slice(0, 10),
    stateName(badgeOf(snapshot)),
    ...snapshot.warnings.map(({ message }) => message),
    typeName(snapshot),
    madeBy(snapshot),
    keptFor(snapshot),
    tierName(snapshot.tier),
    snapshot.comment,
    snapshot.model_version,
    snapshot.snapshot_id,
  ]
    .join(" ")
    .toLowerCase();
  return words.every((word) => row.includes(word));
};
