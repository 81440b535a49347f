/** Request an archive of a snapshot, and look how far it is. */
import type { ApiUnderTest } from "../api-client";
import { ARCHIVE_FIELDS, FAILED, LIST, NIGHTLY, refused, type Row } from "./row";

const ARCHIVES = `${LIST}/${NIGHTLY}/archives`;
const asked = async (api: ApiUnderTest): Promise<string> =>
  (await api.send("restorer", "POST", `${ARCHIVES}?data_type=database_only`)).json.archive_id;
const completed = async (api: ApiUnderTest): Promise<string> => {
  const id = await asked(api);
  const at = "2026-12-05T12:00:00Z";
  await api.fakes.catalog.updateArchive(id, { state: "completed", size: 7, finishedAt: at, updatedAt: at });
  return id;
};

export const ARCHIVE_ROWS: readonly Row[] = [
  {
    name: "an archive of files and database, unless told",
    method: "POST",
    path: ARCHIVES,
    right: {
      status: 200,
      fields: ARCHIVE_FIELDS,
      values: {
        data_type: "files_and_database",
        snapshot_id: NIGHTLY,
        state: "queued",
        status_message: null,
        finished_at: null,
        updated_at: null,
        url: null,
      },
    },
  },
  ...["database_only", "files_and_database"].map((dataType): Row => ({
    name: `an archive: ${dataType}`,
    method: "POST",
    path: `${ARCHIVES}?data_type=${dataType}`,
    right: { status: 200, fields: ARCHIVE_FIELDS, values: { data_type: dataType } },
  })),
  ...["everything", "", "DATABASE_ONLY", "database-only", "constructor"].flatMap((dataType): Row[] => [
    {
      name: `no archive of the type "${dataType}"`,
      method: "POST",
      path: `${ARCHIVES}?data_type=${dataType}`,
      right: refused(400, "UNSUPPORTED", /"data_type"/),
    },
    {
      name: `no estimate of the type "${dataType}"`,
      method: "GET",
      path: `${ARCHIVES}/estimate?data_type=${dataType}`,
      right: refused(400, "UNSUPPORTED", /"data_type"/),
    },
  ]),
  {
    name: "no archive of an unknown snapshot",
    method: "POST",
    path: `${LIST}/unknown/archives`,
    right: refused(404, "NOT_FOUND"),
  },
  {
    name: "no archive of a failed snapshot",
    method: "POST",
    path: `${LIST}/${FAILED}/archives`,
    right: refused(400, "INVALID_STATE"),
  },
  {
    name: "an archive that is not ready has no address",
    method: "GET",
    path: `${ARCHIVES}/{id}`,
    before: asked,
    right: { status: 200, fields: ARCHIVE_FIELDS, values: { state: "queued", url: null } },
  },
  {
    name: "one that is has, and says so in the published words",
    method: "GET",
    path: `${ARCHIVES}/{id}`,
    before: completed,
    right: {
      status: 200,
      fields: { ...ARCHIVE_FIELDS, url: "string", finished_at: "time", updated_at: "time" },
      values: { state: "completed", status_message: "Done preparing download archive" },
    },
  },
  { name: "an unknown archive", method: "GET", path: `${ARCHIVES}/unknown`, right: refused(404, "NOT_FOUND") },
  {
    name: "an archive of another snapshot",
    method: "GET",
    path: `${LIST}/unknown/archives/{id}`,
    before: asked,
    right: refused(404, "NOT_FOUND"),
  },
];
