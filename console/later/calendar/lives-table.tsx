/** What the picture shows, as a table. */
import { useCollection } from "@cloudscape-design/collection-hooks";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import type { CalendarLife, CalendarRun } from "../../api/types";
import { tierName, utc } from "../../text/format";

interface Line {
  readonly id: string;
  readonly what: string;
  readonly tier: string;
  readonly from: string;
  readonly to: string;
}
const lineOfLife = ({ snapshot_id, tier, state, created_at, expires_at }: CalendarLife): Line => ({
  id: snapshot_id,
  what: state === "failed" ? "Failed" : "Stands",
  tier: tierName(tier),
  from: created_at,
  to: expires_at,
});
const lineOfRun = ({ at, tier, expires_at }: CalendarRun): Line => ({
  id: at,
  what: "Coming",
  tier: tierName(tier),
  from: at,
  to: expires_at,
});

interface LivesTableProps {
  readonly lives: readonly CalendarLife[];
  readonly runs: readonly CalendarRun[];
}
export const LivesTable = ({ lives, runs }: LivesTableProps) => {
  const lines = [...lives.map(lineOfLife), ...runs.map(lineOfRun)];
  const { items, collectionProps, paginationProps } = useCollection(lines, {
    pagination: { pageSize: 20 },
    sorting: { defaultState: { sortingColumn: { sortingField: "from" } } },
  });
  return (
    <ExpandableSection headerText="The same as a table">
      <Table
        {...collectionProps}
        variant="embedded"
        items={items}
        trackBy="id"
        ariaLabels={{ tableLabel: "Life of each backup" }}
        pagination={<Pagination {...paginationProps} />}
        columnDefinitions={[
          { id: "from", header: "From (UTC)", cell: ({ from }) => utc(from), sortingField: "from", isRowHeader: true },
          { id: "to", header: "Until (UTC)", cell: ({ to }) => utc(to), sortingField: "to" },
          { id: "tier", header: "Tier", cell: ({ tier }) => tier, sortingField: "tier" },
          { id: "what", header: "State", cell: ({ what }) => what, sortingField: "what" },
        ]}
      />
    </ExpandableSection>
  );
};
