/** The list's columns. Sizes are sorted by their bytes, times by their instant. */
import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Role, SnapshotView } from "../api/types";
import { CopyId } from "../app/later";
import { dialogHash, type Place, type RowAction } from "../app/place";
import { megabytes, NOTHING, utc } from "../text/format";
import { keptFor, madeBy, typeName } from "../text/snapshot-words";
import { ExpiryCell } from "./expiry-cell";
import { RowActions } from "./row-actions";
import { badgeOf, StateBadge } from "./state-badge";

export type Column = TableProps.ColumnDefinition<SnapshotView> & { readonly id: string; readonly header: string };

interface ColumnOptions {
  readonly place: Place;
  readonly roles: readonly Role[] | undefined;
  readonly onAction: (action: RowAction, snapshot: SnapshotView) => void;
}
export const columnsOf = ({ place, roles, onAction }: ColumnOptions): Column[] => [
  {
    id: "created",
    header: "Created on",
    cell: (snapshot) => (
      <span className="one-line">
        <Link
          href={dialogHash(place, { kind: "details", snapshotId: snapshot.snapshot_id })}
          onFollow={(event) => {
            event.preventDefault();
            onAction("details", snapshot);
          }}
        >
          {utc(snapshot.created_at)}
        </Link>
      </span>
    ),
    sortingField: "created_at",
    isRowHeader: true,
  },
  {
    id: "actions",
    header: "Actions",
    cell: (snapshot) => <RowActions snapshot={snapshot} roles={roles} onAction={onAction} />,
  },
  {
    id: "state",
    header: "Status",
    cell: (snapshot) => <StateBadge {...badgeOf(snapshot)} />,
    sortingField: "state",
  },
  {
    id: "type",
    header: "Type",
    cell: typeName,
    sortingComparator: (a, b) => typeName(a).localeCompare(typeName(b)),
  },
  {
    id: "by",
    header: "Made by",
    cell: (snapshot) => <span className="long">{madeBy(snapshot)}</span>,
    sortingComparator: (a, b) => madeBy(a).localeCompare(madeBy(b)),
  },
  {
    id: "comment",
    header: "Comment",
    cell: ({ comment }) => (comment === "" ? NOTHING : <span className="long two-lines">{comment}</span>),
    sortingField: "comment",
  },
  {
    id: "size",
    header: "Size (MB)",
    cell: ({ size }) => megabytes(size),
    sortingComparator: (a, b) => (a.size ?? -1) - (b.size ?? -1),
  },
  {
    id: "tier",
    header: "Kept for",
    cell: keptFor,
    sortingComparator: (a, b) => keptFor(a).localeCompare(keptFor(b)),
  },
  {
    id: "expires",
    header: "Expires on",
    cell: (snapshot) => <ExpiryCell snapshot={snapshot} />,
    sortingField: "expires_at",
  },
  {
    id: "model",
    header: "Model",
    cell: ({ model_version }) => <span className="long">{model_version || NOTHING}</span>,
    sortingField: "model_version",
  },
  {
    id: "replicated",
    header: "In both regions since",
    cell: ({ replicated_at }) => <span className="one-line">{utc(replicated_at)}</span>,
    sortingField: "replicated_at",
  },
  {
    id: "id",
    header: "Snapshot id",
    cell: ({ snapshot_id }) => <CopyId id={snapshot_id} what="snapshot id" />,
    sortingField: "snapshot_id",
  },
];
