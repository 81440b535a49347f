/** Restore drills as the API shows them. Pure. */
import type { PublicDrill } from "../../drill/public-drill";
import type { DrillView } from "../schemas/drills";
import { textOrNull, timeOf, timeOrNull } from "./values";

export const drillView = ({ database, ...drill }: PublicDrill): DrillView => ({
  drill_id: drill.drillId,
  snapshot_id: drill.snapshotId,
  snapshot_created_at: timeOrNull(drill.snapshotCreatedAt),
  requested_by: drill.requestedBy,
  state: drill.state,
  outcome: drill.outcome,
  status_message: textOrNull(drill.statusMessage),
  slow_message: drill.slow,
  created_at: timeOf(drill.createdAt),
  started_at: timeOrNull(drill.startedAt),
  finished_at: timeOrNull(drill.finishedAt),
  seconds: drill.seconds,
  problems: drill.problems,
  problem_count: drill.problemCount,
  notes: drill.notes ?? [],
  database:
    database === null
      ? null
      : {
          tables: database.tables,
          rows: database.rows,
          bytes: database.bytes,
          large_objects: database.largeObjects,
        },
  files: drill.files,
  closure: drill.closure,
});
