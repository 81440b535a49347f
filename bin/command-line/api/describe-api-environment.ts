/** An environment as the API shows it, in a few lines for people. Pure. */
import { lastDrill } from "../describe-drills";
import { oneLine, size } from "../plain-text";
import type { ApiEnvironment } from "./answers";

export function describeApiEnvironment(found: ApiEnvironment): readonly string[] {
  const { database, files, probe, lastSnapshot } = found;
  const begun =
    found.firstStartedAt === null ? "not started yet, so no nightly backups" : `first started ${found.firstStartedAt}`;
  const status =
    database.status === null
      ? oneLine(database.statusMessage ?? "not known")
      : `${database.status.status}, PostgreSQL ${database.status.engineVersion}, ${database.status.instanceClass}, ${size(database.status.allocatedBytes)} allocated`;
  return [
    `environment    ${found.environmentId} of app ${found.projectId} in ${found.region}`,
    `state          ${found.running ? "running" : "stopped"}, ${begun}`,
    ...(found.busyWith === null ? [] : [`busy           ${found.busyWith} is running; other operations wait`]),
    ...(found.mode === undefined
      ? []
      : [
          `mode           ${oneLine(found.mode)}${typeof found.url === "string" ? `, used at ${oneLine(found.url)}` : ""}`,
        ]),
    `model version  ${found.modelVersion === "" ? "unknown" : found.modelVersion}${found.runtimeVersion ? `, runtime ${oneLine(found.runtimeVersion)}` : ""}`,
    `plan           ${found.plan}${found.licensed ? "" : ", not licensed"}; replication ${found.replication}`,
    `database       ${database.name}${database.instance === null ? "" : ` on ${database.instance}`}, ${sizeOrUnknown(database.size)}${database.backup === "recovery-point" ? ", kept as recovery points of AWS Backup" : ""}`,
    `server         ${status}`,
    ...windowsOf(database.status),
    ...database.findings.map((finding) => `  ${oneLine(finding)}`),
    `files          ${files.count ?? "unknown number of"} files, ${sizeOrUnknown(files.size)}, by ${files.source}`,
    `last snapshot  ${lastSnapshot === null ? "none" : `${lastSnapshot.snapshotId} of ${lastSnapshot.createdAt}, ${lastSnapshot.tier}`}`,
    `last drill     ${found.drillMessage !== null && found.lastDrill === null ? oneLine(found.drillMessage) : lastDrill(found.lastDrill)}`,
    ...(found.warning === null ? [] : [`warning        ${oneLine(found.warning)}`]),
    `last probe     ${probe === null ? `none; run one with: backups probe ${found.environmentId}` : `${probe.at}: ${probe.findings.length === 0 ? "nothing missing" : `${probe.findings.length} finding(s)`}`}`,
    ...(probe?.findings ?? []).map((finding) => `  ${oneLine(finding)}`),
  ];
}

const windowsOf = (status: ApiEnvironment["database"]["status"]): readonly string[] =>
  status === null
    ? []
    : [
        `RDS windows    maintenance ${orNone(status.maintenanceWindow)}, automated backups ${orNone(status.backupWindow)} (UTC)`,
      ];
const orNone = (window: string): string => (window === "" ? "none" : oneLine(window));
const sizeOrUnknown = (bytes: number | null): string => (bytes === null ? "size unknown" : size(bytes));
