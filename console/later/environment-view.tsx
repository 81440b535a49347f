/** How an environment is: its app, its database as RDS has it, its files, its replication, and what is wrong with it. */
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { environmentPath } from "../api/early";
import type { EnvironmentView as Environment } from "../api/types";
import { Failure } from "../app/failure";
import type { Place } from "../app/place";
import { useAnswer } from "../app/use-answer";
import { usePolling } from "../app/use-polling";
import { CopyId } from "./copy-text";
import { DrillResult, DrillsList, timeOf } from "./drills-list";
import { RestoresList } from "./restores-list";
import { count, NOTHING, size, tierName, utc } from "../text/format";

const RENEW_MS = 15_000;

export const EnvironmentView = ({ place }: { readonly place: Place }) => {
  const { value, error, asOf, reload } = useAnswer<Environment>(environmentPath(place));
  usePolling(reload, RENEW_MS);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Environment</Header>
      <Failure error={error} stale={value !== undefined} asOf={asOf} onRetry={reload} />
      {value === undefined && error === undefined ? <p role="status">Loading the environment…</p> : null}
      {value === undefined ? null : (
        <SpaceBetween size="l">
          {value.warning === null ? null : (
            <Alert type="warning" header="The last backup expires soon">
              {value.warning}
            </Alert>
          )}
          <Findings environment={value} />
          <Container header={<Header variant="h2">App</Header>}>
            <KeyValuePairs columns={4} items={appOf(value)} />
          </Container>
          <Container header={<Header variant="h2">Database</Header>}>
            <KeyValuePairs columns={4} items={databaseOf(value)} />
          </Container>
          <Container header={<Header variant="h2">File storage</Header>}>
            <KeyValuePairs columns={4} items={filesOf(value)} />
          </Container>
          <Container header={<Header variant="h2">Backups</Header>}>
            <KeyValuePairs columns={4} items={backupsOf(value)} />
          </Container>
          <DrillsList place={place} />
          <RestoresList place={place} />
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
};

const Findings = ({ environment: { probe, database } }: { readonly environment: Environment }) => (
  <>
    <FindingsList header="The database instance" findings={database.findings} />
    {probe === null ? null : (
      <FindingsList header={`What the check of ${utc(probe.at)} UTC found`} findings={probe.findings} />
    )}
  </>
);

const FindingsList = ({ header, findings }: { readonly header: string; readonly findings: readonly string[] }) =>
  findings.length === 0 ? null : (
    <Alert type="warning" header={header}>
      <ul>
        {findings.map((finding) => (
          <li key={finding}>{finding}</li>
        ))}
      </ul>
    </Alert>
  );

const appOf = ({
  project_id,
  environment_id,
  running,
  mode,
  url,
  model_version,
  runtime_version,
  plan,
  licensed,
  region,
  busy_with,
  first_started_at,
}: Environment) => [
  {
    label: "State",
    value: <StatusIndicator type={running ? "success" : "stopped"}>{running ? "Running" : "Stopped"}</StatusIndicator>,
  },
  { label: "App id", value: <CopyId id={project_id} what="app id" /> },
  { label: "Environment id", value: <CopyId id={environment_id} what="environment id" /> },
  { label: "Mode", value: mode },
  {
    label: "Address",
    value:
      url === null ? (
        NOTHING
      ) : (
        <Link href={url} external={true} externalIconAriaLabel="opens in a new tab">
          {url}
        </Link>
      ),
  },
  { label: "Model version", value: <span className="long">{model_version || NOTHING}</span> },
  { label: "Runtime version", value: runtime_version || NOTHING },
  { label: "Plan", value: `${plan[0]?.toUpperCase()}${plan.slice(1)}${licensed ? ", licensed" : ""}` },
  { label: "Region", value: region },
  { label: "Under way", value: busy_with ?? "Nothing" },
  { label: "First started", value: first_started_at === null ? "Not yet" : `${utc(first_started_at)} UTC` },
];

const databaseOf = ({ database: { status, status_message, size: bytes, name, instance, backup } }: Environment) => [
  {
    label: "Database status",
    value:
      status === null ? (
        <StatusIndicator type="info">{status_message ?? "Unknown"}</StatusIndicator>
      ) : (
        <StatusIndicator type={status.status === "available" ? "success" : "warning"}>{status.status}</StatusIndicator>
      ),
  },
  { label: "Database size", value: sizeOrNothing(bytes) },
  { label: "Database", value: name },
  { label: "Instance", value: instance === null ? NOTHING : <CopyId id={instance} what="instance's name" /> },
  { label: "Backed up as", value: backup === "recovery-point" ? "Recovery points of AWS Backup" : "Dumps" },
  ...(status === null
    ? []
    : [
        { label: "Version", value: status.engine_version },
        { label: "Class", value: status.instance_class },
        { label: "Storage of the server", value: size(status.allocated_bytes) },
        { label: "Multi-AZ", value: status.multi_az ? "Yes" : "No" },
        { label: "Maintenance window (UTC)", value: status.maintenance_window },
        { label: "Backup window of RDS (UTC)", value: status.backup_window },
      ]),
];

const filesOf = ({ files }: Environment) => [
  { label: "File storage used", value: sizeOrNothing(files.size) },
  { label: "Files", value: files.count === null ? NOTHING : count(files.count) },
  { label: "Missing files", value: files.missing === null ? NOTHING : count(files.missing) },
  {
    label: "Which files are backed up",
    value: files.source === "listing" ? "All in the bucket" : "Those that the database names",
  },
];

const backupsOf = ({ replication, last_snapshot, last_replicated, last_drill, drill_message }: Environment) => [
  { label: "Replication to another region", value: replication === "on" ? "On" : "Off" },
  { label: "Newest backup", value: mentionOf(last_snapshot) },
  { label: "Newest in both regions", value: replication === "on" ? mentionOf(last_replicated) : NOTHING },
  {
    label: "Last restore drill",
    value:
      last_drill === null ? (
        (drill_message ?? "None yet")
      ) : (
        <>
          <DrillResult drill={last_drill} /> {utc(last_drill.finished_at)} UTC, in {timeOf(last_drill)}
        </>
      ),
  },
];
const mentionOf = (mention: Environment["last_snapshot"]): string =>
  mention === null ? "None yet" : `${utc(mention.created_at)} UTC (${tierName(mention.tier)})`;
const sizeOrNothing = (bytes: number | null): string => (bytes === null ? NOTHING : size(bytes));
