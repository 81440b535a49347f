/** Coming backups and their tiers, and how long every backup lives. */
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { environmentPath } from "../../api/early";
import type { CalendarAnswer } from "../../api/types";
import { Failure } from "../../app/failure";
import type { Place } from "../../app/place";
import { useAnswer } from "../../app/use-answer";
import { usePolling } from "../../app/use-polling";
import { tierName } from "../../text/format";
import { ComingNights } from "./coming-nights";
import { LivesPicture } from "./lives-picture";
import { LivesTable } from "./lives-table";

const DAYS = 60;
const RENEW_MS = 5 * 60_000;
const TIERS = ["nightly", "weekly", "monthly", "on-demand", "uploaded"];
const RANGES = [
  { id: "31", text: "One month" },
  { id: "92", text: "Three months" },
  { id: "366", text: "One year" },
];

export const CalendarView = ({ place }: { readonly place: Place }) => {
  const { value, error, asOf, reload } = useAnswer<CalendarAnswer>(`${environmentPath(place)}/calendar`, {
    days: DAYS,
  });
  const [range, setRange] = useState("92");
  usePolling(reload, RENEW_MS);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Calendar</Header>
      <Failure error={error} stale={value !== undefined} asOf={asOf} onRetry={reload} />
      {value === undefined && error === undefined ? <p role="status">Loading the calendar…</p> : null}
      {value?.notes.map((note) => (
        <Alert key={note} type="info">
          {note}
        </Alert>
      ))}
      {value === undefined ? null : (
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">Coming backups</Header>}>
            <ComingNights runs={value.runs} now={new Date(value.now)} days={DAYS} />
          </Container>
          <Container
            header={
              <Header
                variant="h2"
                actions={
                  <SegmentedControl
                    label="How far to look"
                    selectedId={range}
                    options={RANGES}
                    onChange={({ detail }) => setRange(detail.selectedId)}
                  />
                }
              >
                Life of every backup
              </Header>
            }
          >
            <ul className="legend">
              {TIERS.map((tier) => (
                <li key={tier} className={`tier-${tier}`}>
                  {tierName(tier)}
                </li>
              ))}
              <li className="tier-failed">Failed</li>
            </ul>
            <LivesPicture lives={value.lives} runs={value.runs} now={new Date(value.now)} daysAhead={Number(range)} />
            <LivesTable lives={value.lives} runs={value.runs} />
          </Container>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
};
