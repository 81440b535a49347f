/** The list's columns. Sizes are sorted by their bytes, times by their instant. */
import type { TableProps } from "@cloudscape-design/components/table";
import type { Role, SnapshotView } from "../api/types";
import { megabytes, NOTHING, tierName, utc } from "../text/format";
import { ExpiryCell } from "./expiry-cell";
import { RowActions, type RowAction } from "./row-actions";
import { badgeOf, StateBadge } from "./state-badge";

export type Column = TableProps.ColumnDefinition<SnapshotView>;

export const columnsOf = (
  roles: readonly Role[],
  onAction: (action: RowAction, snapshot: SnapshotView) => void,
): Column[] => [
  {
    id: "created",
    header: "Created on",
    cell: ({ created_at }) => <span className="one-line">{utc(created_at)}</span>,
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
  { id: "type", header: "Type", cell: ({ type }) => type, sortingField: "type" },
  { id: "tier", header: "Kept as", cell: ({ tier }) => tierName(tier), sortingField: "tier" },
  { id: "comment", header: "Comment", cell: ({ comment }) => comment || NOTHING, sortingField: "comment" },
  {
    id: "size",
    header: "Size (MB)",
    cell: ({ size }) => megabytes(size),
    sortingComparator: (a, b) => (a.size ?? -1) - (b.size ?? -1),
  },
  {
    id: "expires",
    header: "Expires on",
    cell: (snapshot) => <ExpiryCell snapshot={snapshot} />,
    sortingField: "expires_at",
  },
  {
    id: "model",
    header: "Model version",
    cell: ({ model_version }) => model_version || NOTHING,
    sortingField: "model_version",
  },
];

/** A phone shows what one looks for, everything else is in the details. */
export const NARROW_COLUMNS: readonly string[] = ["created", "actions", "state", "type"];
