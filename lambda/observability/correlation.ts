/**
 * The one id that leads from the schedule, or the request, to the objects: that of the snapshot, restore, archive or
 * upload itself. Every input of a step names it, every key of a snapshot's objects holds it, and it stands in every line
 * of the log, event and metric line of the work for it. Pure.
 */
const NAMES = ["restoreId", "archiveId", "uploadId", "drillId", "snapshotId", "environmentId"] as const;

/** From a step's input: at its top, in `request` or in `attempt`; a night is `night-<date>`; else the execution. */
export const correlationOf = (input: unknown): string | undefined => {
  const given = record(input);
  for (const name of NAMES)
    for (const place of [given, record(given["request"]), record(given["attempt"])]) {
      const value = place[name];
      if (typeof value === "string" && value !== "") return value;
    }
  const date = record(given["night"])["date"];
  if (typeof date === "string") return `night-${date}`;
  const execution = given["executionArn"];
  return typeof execution === "string" ? execution.split(":").at(-1) : undefined;
};

/** From the database task's command: `<verb> <ids…>`, as its contract says. */
export const correlationOfCommand = ([verb, first, second]: readonly string[]): string | undefined =>
  verb === "dump" || verb === "pack" || verb === "unpack" ? second : first;

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
