/**
 * Requests of clients of the published Deploy and Backups APIs, as public scripts, tools and libraries send them.
 * Shapes only: method, path, headers, body, and the fields that are read.
 */
import type { RecordedClient, Step } from "./client-shape";

const OLD = "/api/1/apps/{AppId}/environments/{Mode}";
const NEW = "/api/v2/apps/{ProjectId}/environments/{EnvironmentId}";
const JSON_TYPE = ["Content-Type", "application/json"] as const;
const NO_BODY = ["Content-Length", "0"] as const;

const apps = (path = "/api/1/apps"): Step => ({
  does: "looks up",
  sends: `GET ${path}`,
  takes: { "[0].Name": "filled", "[0].Url": "address", "[0].AppId": "filled", "[0].ProjectId": "filled" },
  remembers: { "[0].AppId": "AppId", "[0].ProjectId": "ProjectId" },
});
const environments = (mode: string, path = "/api/1/apps/{AppId}/environments"): Step => ({
  does: "looks up",
  sends: `GET ${path}`,
  takes: { [`[Mode=${mode}].Status`]: "filled", [`[Mode=${mode}].EnvironmentId`]: "filled" },
  remembers: { [`[Mode=${mode}].EnvironmentId`]: "EnvironmentId", [`[Mode=${mode}].Mode`]: "Mode" },
});
const newest = (query = ""): Step => ({
  does: "lists",
  sends: `GET ${NEW}/snapshots${query}`,
  takes: { total: "number", "snapshots[0].created_at": "time", "snapshots[0].model_version": "text" },
  remembers: { "[snapshots.state=completed].snapshot_id": "snapshot" },
});
const archive = (query: string, headers: Step["headers"] = [NO_BODY]): readonly Step[] => [
  {
    does: "asks for a download",
    sends: `POST ${NEW}/snapshots/{snapshot}/archives${query}`,
    headers: headers ?? [],
    takes: { state: "filled" },
    remembers: { archive_id: "archive" },
  },
  {
    does: "polls",
    sends: `GET ${NEW}/snapshots/{snapshot}/archives/{archive}`,
    until: { field: "state", says: "completed" },
    takes: { url: "address", state: "filled" },
    remembers: { url: "url" },
  },
  { does: "downloads", from: "url" },
];
const created = (body: string | undefined, headers: Step["headers"]): readonly Step[] => [
  {
    does: "creates",
    sends: `POST ${NEW}/snapshots`,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    takes: { state: "filled", created_at: "time", expires_at: "time", comment: "text" },
    remembers: { snapshot_id: "snapshot" },
  },
  {
    does: "polls",
    sends: `GET ${NEW}/snapshots/{snapshot}`,
    until: { field: "state", says: "completed" },
    takes: { finished_at: "time", status_message: "text" },
  },
];
const restored = (query: string, headers: Step["headers"] = [NO_BODY]): readonly Step[] => [
  {
    does: "restores",
    sends: `POST ${NEW}/restores?source_snapshot_id={snapshot}${query}`,
    headers: headers ?? [],
    takes: { state: "filled", source_snapshot_id: "filled", target_environment_id: "filled" },
    remembers: { restore_id: "restore" },
  },
  { does: "polls", sends: `GET ${NEW}/restores/{restore}`, until: { field: "state", says: "completed" } },
];
const firstList: Step = {
  does: "lists",
  sends: `GET ${OLD}/snapshots`,
  takes: { "[0].State": "filled", "[0].CreatedOn": "milliseconds", "[0].ExpiresOn": "milliseconds" },
  remembers: { "[State=Completed].SnapshotID": "snapshot" },
};
const firstDownload = (kind: string): readonly Step[] => [
  {
    does: "asks for a download",
    sends: `GET ${OLD}/snapshots/{snapshot}`,
    until: "success",
    takes: { [kind]: "address" },
    remembers: { [kind]: "url" },
  },
  { does: "downloads", from: "url" },
];

export const RECORDED_CLIENTS: readonly RecordedClient[] = [
  {
    kind: "Windows PowerShell 5.1, Invoke-RestMethod: looks up, lists, downloads",
    headers: [
      ["User-Agent", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1682"],
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [
      apps(),
      environments("Production"),
      newest("?offset=0&limit=10"),
      // Without a body and a type it sends a form's.
      ...archive("", [["Content-Type", "application/x-www-form-urlencoded"], NO_BODY]),
    ],
  },
  {
    kind: "PowerShell 7, Invoke-RestMethod with a body of ConvertTo-Json: creates, downloads",
    headers: [
      ["User-Agent", "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0; en-US) PowerShell/7.4.1"],
      ["Mendix-ApiKey", "{key}"],
      ["Mendix-Username", "{user}"],
      ["Accept-Encoding", "gzip, deflate, br"],
    ],
    steps: [
      apps(),
      environments("Production"),
      ...created('{\r\n  "comment": "to be looked at - may be deleted"\r\n}', [JSON_TYPE]),
      ...archive("?data_type=database_only"),
    ],
  },
  {
    kind: "PowerShell, version 1: lists by mode, takes the database",
    headers: [
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
      ["Accept", "application/json"],
      ["User-Agent", "Mozilla/5.0 (Windows NT; Windows NT 6.3; en-US) WindowsPowerShell/4.0"],
    ],
    steps: [apps(), environments("Production"), firstList, ...firstDownload("DatabaseOnly")],
  },
  {
    kind: "PowerShell, a file written with a byte order mark as body, charset in the type",
    headers: [
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [
      apps(),
      environments("Production"),
      ...created('\uFEFF{"comment":"Grüße"}', [["Content-Type", "application/json; charset=utf-8"]]),
    ],
  },
  {
    kind: "Java, OkHttp 4: an empty form as body, the user's header with a capital N",
    headers: [
      ["Mendix-UserName", "{user}"],
      ["Mendix-ApiKey", "{key}"],
      ["Connection", "Keep-Alive"],
      ["Accept-Encoding", "gzip"],
      ["User-Agent", "okhttp/4.9.3"],
    ],
    steps: [
      apps(),
      environments("Production"),
      newest(),
      ...archive("?data_type=files_and_database", [["Content-Type", "application/x-www-form-urlencoded"], NO_BODY]),
    ],
  },
  {
    kind: "Java, OkHttp 3, version 1: creates with a slash at the end and a small comment, downloads all",
    headers: [
      ["Mendix-UserName", "{user}"],
      ["Mendix-ApiKey", "{key}"],
      ["Accept-Encoding", "gzip"],
      ["User-Agent", "okhttp/3.12.0"],
    ],
    steps: [
      apps(),
      environments("Production"),
      {
        does: "creates",
        sends: `POST ${OLD}/snapshots/`,
        headers: [["Content-Type", "application/json; charset=utf-8"]],
        body: '{"comment":"Backup tool"}',
        takes: { CreatedOn: "milliseconds", Comment: "filled", State: "filled" },
        remembers: { SnapshotID: "snapshot" },
      },
      ...firstDownload("DatabaseAndFiles"),
    ],
  },
  {
    kind: "C#, HttpClient with Newtonsoft: a POST without body and type",
    headers: [
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [
      apps(),
      {
        ...environments("Production"),
        takes: {
          "[0].Url": "address",
          "[0].Mode": "filled",
          "[0].Status": "filled",
          "[0].ModelVersion": "text",
          "[0].MendixVersion": "text",
          "[0].Production": "boolean",
        },
      },
      newest(),
      ...archive("?data_type=database_only"),
    ],
  },
  {
    kind: "C#, typed HttpClient: an empty object as body, restores with False",
    headers: [
      ["Accept", "application/json"],
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [
      apps(),
      environments("Acceptance"),
      ...created("{}", [["Content-Type", "application/json; charset=utf-8"]]),
      ...restored("&db_only=False"),
    ],
  },
  {
    kind: "Node.js, got 11: a JSON type without a body, in GET too",
    headers: [
      ["user-agent", "got (https://github.com/sindresorhus/got)"],
      ["content-type", "application/json"],
      ["mendix-username", "{user}"],
      ["mendix-apikey", "{key}"],
      ["accept-encoding", "gzip, deflate, br"],
    ],
    steps: [apps(), environments("Production"), newest(), ...archive("?data_type=database_only")],
  },
  {
    kind: "Node.js, axios 0.21",
    headers: [
      ["Accept", "application/json, text/plain, */*"],
      ["Mendix-ApiKey", "{key}"],
      ["Mendix-Username", "{user}"],
      ["User-Agent", "axios/0.21.1"],
    ],
    steps: [apps(), environments("Production"), newest("?limit=1000")],
  },
  {
    kind: "Node.js, https with paths that end in a slash",
    headers: [
      ["Content-Type", "application/json"],
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [apps("/api/1/apps/"), environments("Production", "/api/1/apps/{AppId}/environments/")],
  },
  {
    kind: "TypeScript, fetch of Deno: creates before a deployment",
    headers: [
      ["accept", "application/json"],
      ["mendix-apikey", "{key}"],
      ["mendix-username", "{user}"],
      ["accept-language", "*"],
      ["user-agent", "Deno/1.40.0"],
      ["accept-encoding", "gzip, br"],
    ],
    steps: [
      apps(),
      environments("Production"),
      ...created('{"comment":"Before transport of 1.4.1"}', [["content-type", "application/json"]]),
    ],
  },
  {
    kind: "TypeScript, fetch of a web view: completed snapshots only, a database's archive",
    headers: [
      ["accept", "*/*"],
      ["mendix-username", "{user}"],
      ["mendix-apikey", "{key}"],
      ["sec-fetch-mode", "cors"],
      ["origin", "http://localhost:5173"],
    ],
    steps: [apps(), environments("Production"), newest("?limit=20&offset=0"), ...archive("?data_type=database_only")],
  },
  {
    kind: "Python 3, requests: True in a query, a slash at the end",
    headers: [
      ["User-Agent", "python-requests/2.31.0"],
      ["Accept-Encoding", "gzip, deflate"],
      ["Accept", "*/*"],
      ["Connection", "keep-alive"],
      ["Content-Type", "application/json"],
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [
      apps(),
      environments("Acceptance", "/api/1/apps/{AppId}/environments/"),
      ...created('{"comment": "nightly copy"}', undefined),
      ...restored("&db_only=True"),
    ],
  },
  {
    kind: "Python 2, httplib2: header names in small letters",
    headers: [
      ["mendix-apikey", "{key}"],
      ["mendix-username", "{user}"],
      ["content-type", "application/json"],
      ["cache-control", "no-cache"],
      ["user-agent", "Python-httplib2/0.10.3 (gzip)"],
      ["accept-encoding", "gzip, deflate"],
    ],
    steps: [apps(), environments("Production"), ...created('{"comment": "one of every night"}', undefined)],
  },
  {
    kind: "Bash, curl -d: JSON with a form's type",
    headers: [
      ["User-Agent", "curl/7.88.1"],
      ["Accept", "*/*"],
      ["Mendix-Username", "{user}"],
      ["Mendix-Apikey", "{key}"],
    ],
    steps: [
      apps("/api/1/apps/"),
      environments("Acceptance"),
      ...created('{"comment":"from a pipeline"}', [["Content-Type", "application/x-www-form-urlencoded"]]),
      ...restored("", []),
    ],
  },
  {
    kind: "Bash, curl, version 1: creates with an empty object, restores by mode in small letters",
    headers: [
      ["User-Agent", "curl/7.68.0"],
      ["Accept", "*/*"],
      ["Content-Type", "application/json"],
      ["Mendix-Username", "{user}"],
      ["Mendix-Apikey", "{key}"],
    ],
    steps: [
      apps("/api/1/apps/"),
      environments("Acceptance"),
      {
        does: "creates",
        sends: `POST ${OLD}/snapshots`,
        body: "{}",
        takes: { State: "filled", Comment: "text" },
        remembers: { SnapshotID: "snapshot" },
      },
      ...firstDownload("FilesOnly"),
      {
        does: "restores",
        sends: "POST /api/1/apps/{AppId}/environments/acceptance/restore/{snapshot}",
        body: "",
        takes: { SnapshotID: "filled", State: "filled" },
      },
    ],
  },
  {
    kind: "any, behind a proxy that speaks HTTP/1.0",
    http: "1.0",
    headers: [
      ["Connection", "close"],
      ["Mendix-Username", "{user}"],
      ["Mendix-ApiKey", "{key}"],
    ],
    steps: [apps(), environments("Production"), newest("?offset=0"), ...created('{"comment":""}', [JSON_TYPE])],
  },
];
