/** The restores into an environment, newest first: also those whose dialogue was closed, or that somebody else made. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { environmentPath } from "../api/early";
import type { RestoreList, RestoreView } from "../api/types";
import { Failure } from "../app/failure";
import type { Place } from "../app/place";
import { useAnswer } from "../app/use-answer";
import { usePolling } from "../app/use-polling";
import { StateBadge } from "../backups/state-badge";
import { isHeld } from "./use-follow";
import { count, NOTHING, utc } from "../text/format";

const MOVING_MS = 3000;
const QUIET_MS = 30_000;

export const RestoresList = ({ place }: { readonly place: Place }) => {
  const { value, error, asOf, reload } = useAnswer<RestoreList>(`${environmentPath(place)}/restores`);
  const restores = value?.restores ?? [];
  const moving = restores.some((one) => (one.state === "queued" || one.state === "running") && !isHeld(one));
  usePolling(reload, moving ? MOVING_MS : QUIET_MS);
  // None is no news, but that nobody can tell is.
  if (restores.length === 0 && error === undefined) return null;
  return (
    <Container header={<Header variant="h2">Restores into this environment</Header>}>
      <Failure error={error} stale={value !== undefined} asOf={asOf} onRetry={reload} />
      {restores.length === 0 ? null : <RestoresTable restores={restores} />}
    </Container>
  );
};

const RestoresTable = ({ restores }: RestoreList) => (
  <Table
    variant="embedded"
    wrapLines
    items={[...restores]}
    trackBy="restore_id"
    ariaLabels={{ tableLabel: "Restores" }}
    columnDefinitions={[
      {
        id: "asked",
        header: "Asked for on (UTC)",
        cell: ({ created_at }) => utc(created_at),
        isRowHeader: true,
      },
      {
        id: "state",
        header: "Status",
        // A long message beside it would break the word.
        cell: (restore) => (
          <span className="one-line">
            {isHeld(restore) ? (
              <StatusIndicator type="info">Not begun</StatusIndicator>
            ) : (
              <StateBadge state={restore.state} warnings={restore.notes.length} />
            )}
          </span>
        ),
      },
      { id: "by", header: "By", cell: ({ requested_by }) => <span className="long">{requested_by}</span> },
      { id: "what", header: "What", cell: ({ db_only }) => (db_only ? "Database only" : "Files and database") },
      { id: "files", header: "Files put, kept, removed", cell: filesOf },
      {
        id: "message",
        header: "Message",
        cell: ({ status_message }) => <span className="long">{status_message ?? NOTHING}</span>,
      },
    ]}
  />
);

const filesOf = ({ files, db_only: databaseOnly }: RestoreView): string =>
  databaseOnly ? NOTHING : `${count(files.put + files.replaced)}, ${count(files.kept)}, ${count(files.removed)}`;
