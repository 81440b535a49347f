/** The environment's restore drills, newest first: whether its backups can really be restored, and how long that takes. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { environmentPath } from "../api/early";
import type { DrillList, DrillView } from "../api/types";
import { Failure } from "../app/failure";
import type { Place } from "../app/place";
import { useAnswer } from "../app/use-answer";
import { usePolling } from "../app/use-polling";
import { NOTHING, utc } from "../text/format";

const RENEW_MS = 30_000;

export const DrillsList = ({ place }: { readonly place: Place }) => {
  const { value, error, asOf, reload } = useAnswer<DrillList>(`${environmentPath(place)}/drills`);
  usePolling(reload, RENEW_MS);
  if (value === undefined && error === undefined) return null;
  return (
    <Container
      header={
        <Header variant="h2" description="A backup is restored elsewhere, verified in full, and removed again.">
          Restore drills
        </Header>
      }
    >
      <Failure error={error} stale={value !== undefined} asOf={asOf} onRetry={reload} />
      {value === undefined ? null : <Drills {...value} />}
    </Container>
  );
};

const Drills = ({ drills, message }: DrillList) => (
  <>
    {message === null ? null : <p>{message}</p>}
    {drills.length === 0 ? (
      message === null ? (
        <p>There has been no drill yet.</p>
      ) : null
    ) : (
      <Table<DrillView>
        variant="embedded"
        wrapLines
        items={drills}
        trackBy="drill_id"
        ariaLabels={{ tableLabel: "Restore drills" }}
        columnDefinitions={[
          {
            id: "when",
            header: "When (UTC)",
            cell: ({ started_at, created_at }) => utc(started_at ?? created_at),
            isRowHeader: true,
          },
          { id: "outcome", header: "Result", cell: (drill) => <DrillResult drill={drill} /> },
          { id: "time", header: "Time", cell: ({ seconds }) => timeOf({ seconds }) },
          { id: "backup", header: "Backup of (UTC)", cell: ({ snapshot_created_at }) => utc(snapshot_created_at) },
          { id: "by", header: "By", cell: ({ requested_by }) => <span className="long">{requested_by}</span> },
          {
            id: "message",
            header: "Message",
            cell: ({ status_message, slow_message }) => (
              <span className="long">
                {[status_message, slow_message].filter((text) => text !== null).join(" ") || NOTHING}
              </span>
            ),
          },
        ]}
      />
    )}
  </>
);

type Shown = Pick<DrillView, "outcome" | "state" | "slow_message" | "notes">;

export const DrillResult = ({ drill }: { readonly drill: Shown }) => {
  const [type, text] = resultOf(drill);
  return (
    <span className="one-line">
      <StatusIndicator type={type}>{text}</StatusIndicator>
    </span>
  );
};

const resultOf = ({ outcome, state, slow_message, notes }: Shown): readonly [StatusIndicatorProps.Type, string] => {
  if (outcome === "failed") return ["error", "Failed"];
  if (outcome === "not-drilled") return ["stopped", "Not drilled"];
  if (outcome === "passed") {
    if (slow_message !== null) return ["warning", "Passed, too slow"];
    return notes.length === 0 ? ["success", "Passed"] : ["warning", "Passed, not all as it was"];
  }
  return state === "running" ? ["in-progress", "Running"] : ["pending", "Queued"];
};

/** `1 h 05 min`, `40 s` */
export const timeOf = ({ seconds: { total } }: Pick<DrillView, "seconds">): string => {
  if (total === null) return NOTHING;
  if (total < 60) return `${total} s`;
  const minutes = Math.round(total / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
};
