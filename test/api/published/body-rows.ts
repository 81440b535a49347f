/** Bodies beyond the documented: fields that aren't known, nulls, and keys that were used for something else. */
import { ACCEPTANCE, PRODUCTION } from "../../support/api-world";
import { environmentPath, type ApiUnderTest, type CallOptions } from "../api-client";
import { KEY, LIST, NIGHTLY, ON_DEMAND, refused, RESTORES, type Row } from "./row";

const BASE = environmentPath(PRODUCTION);
const PLANS = `${environmentPath(ACCEPTANCE)}/restore-plans`;
const FILE = { file_name: "a.tar.gz", size: 10 };
const UNKNOWN = { surprise: { deep: [1] }, another: null };
const uploaded = async (api: ApiUnderTest): Promise<string> =>
  (await api.send("operator", "POST", `${BASE}/uploads`, { body: FILE })).json.upload_id;

const sent =
  (path: string, options: CallOptions = {}) =>
  async (api: ApiUnderTest): Promise<void> => {
    const { status } = await api.send("owner", "POST", path, { ...options, headers: KEY });
    if (status !== 200) throw new Error(`The first request was answered with ${status}.`);
  };
interface Used {
  readonly path: string;
  readonly body?: unknown;
}
/** First request, then another one with the same key. */
const OTHERWISE: readonly (readonly [first: Used, second: Used])[] = [
  [
    { path: LIST, body: { comment: "one" } },
    { path: LIST, body: { comment: "two" } },
  ],
  [{ path: LIST, body: { comment: "one" } }, { path: LIST }],
  [
    { path: `${BASE}/uploads`, body: FILE },
    { path: `${BASE}/uploads`, body: { ...FILE, size: 11 } },
  ],
  [
    { path: `${BASE}/uploads`, body: FILE },
    { path: `${BASE}/uploads`, body: { ...FILE, file_name: "b.tar.gz" } },
  ],
  [
    { path: `${BASE}/uploads`, body: FILE },
    { path: `${BASE}/uploads`, body: { ...FILE, comment: "other" } },
  ],
  [{ path: `${LIST}/${NIGHTLY}/archives` }, { path: `${LIST}/${NIGHTLY}/archives?data_type=database_only` }],
  [{ path: `${LIST}/${NIGHTLY}/archives` }, { path: `${LIST}/${ON_DEMAND}/archives` }],
  ...[RESTORES, PLANS].flatMap((path): (readonly [Used, Used])[] => [
    [{ path: `${path}?source_snapshot_id=${NIGHTLY}` }, { path: `${path}?source_snapshot_id=${ON_DEMAND}` }],
    [{ path: `${path}?source_snapshot_id=${NIGHTLY}` }, { path: `${path}?source_snapshot_id=${NIGHTLY}&db_only=True` }],
  ]),
  [
    { path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=FilesMissing` },
    { path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=FilesMissing,ModelVersionOlder` },
  ],
  [
    { path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=` },
    { path: `${RESTORES}?source_snapshot_id=${NIGHTLY}` },
  ],
];
const optionsOf = ({ body }: Used): CallOptions => (body === undefined ? {} : { body });

export const BODY_ROWS: readonly Row[] = [
  ...(
    [
      ["PUT", `${LIST}/${ON_DEMAND}`, { comment: "x" }],
      ["PUT", `${LIST}/${ON_DEMAND}/keep-until`, { until: "2027-12-01T00:00:00Z" }],
      ["POST", `${BASE}/uploads`, FILE],
      ["POST", `${BASE}/uploads`, { ...FILE, comment: null }],
      ["POST", `${BASE}/started`, { model_version: "2.0.0" }],
      ["POST", `${BASE}/started`, { model_version: null }],
      ["POST", `${BASE}/stopped`, {}],
      ["POST", `${BASE}/probe`, {}],
      ["POST", `${LIST}/${NIGHTLY}/archives`, {}],
      ["POST", `${RESTORES}?source_snapshot_id=${NIGHTLY}`, {}],
    ] as const
  ).map(([method, path, body]): Row => ({
    name: `${method} ${path} ${JSON.stringify(body)} ignores what it doesn't know`,
    method,
    path,
    options: { body: { ...body, ...UNKNOWN } },
    right: { status: 200 },
  })),
  {
    name: "so do addresses for an upload's parts",
    method: "POST",
    path: `${BASE}/uploads/{id}/parts`,
    before: uploaded,
    options: { body: { part_numbers: [1], ...UNKNOWN } },
    right: { status: 200 },
  },
  // On purpose: a misspelt setting would leave data unguarded, and nobody would know.
  {
    name: "a registration does not",
    method: "PUT",
    path: BASE,
    options: { body: { environmentId: PRODUCTION, ...UNKNOWN } },
    right: refused(400, "INVALID_PARAMETERS"),
  },
  ...OTHERWISE.map(([first, second]): Row => ({
    name: `a key used for ${JSON.stringify(first)} is none for ${JSON.stringify(second)}`,
    method: "POST",
    path: second.path,
    before: sent(first.path, optionsOf(first)),
    options: { ...optionsOf(second), headers: KEY },
    right: refused(400, "INVALID_PARAMETERS", /"idempotency-key" was used before/),
  })),
  ...[...new Map(OTHERWISE.map(([first]) => [JSON.stringify(first), first])).values()].map((first): Row => ({
    name: `a key used for ${JSON.stringify(first)} is the same request again`,
    method: "POST",
    path: first.path,
    before: sent(first.path, optionsOf(first)),
    options: { ...optionsOf(first), headers: KEY },
    right: { status: 200 },
  })),
  {
    name: "the same request again, also once its comment has been changed",
    method: "POST",
    path: LIST,
    before: async (api) => {
      await sent(LIST, { body: { comment: "one" } })(api);
      const { json } = await api.send("owner", "GET", `${LIST}?limit=1`);
      await api.send("owner", "PUT", `${LIST}/${json.snapshots[0].snapshot_id}`, { body: { comment: "two" } });
    },
    options: { body: { comment: "one" }, headers: KEY },
    right: { status: 200, values: { comment: "two" } },
  },
];
