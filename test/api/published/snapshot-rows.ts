/** List, create, show, change and delete snapshots. */
import { PRODUCTION } from "../../support/api-world";
import type { Row } from "./row";
import { DELETING, EXPIRED, FAILED, LIST, NIGHTLY, ON_DEMAND, refused, SNAPSHOT_FIELDS, UPLOADED } from "./row";

const one = (id: string): string => `${LIST}/${id}`;
const queued = async (api: Parameters<NonNullable<Row["before"]>>[0]): Promise<string> =>
  (await api.send("operator", "POST", LIST, { body: { comment: "mine" } })).json.snapshot_id;

export const SNAPSHOT_ROWS: readonly Row[] = [
  {
    name: "lists snapshots with total, offset and limit",
    method: "GET",
    path: LIST,
    right: {
      status: 200,
      fields: { snapshots: "list", total: "long", offset: "long", limit: "long" },
      values: { offset: 0, limit: 100, total: 6 },
      entries: { of: "snapshots", fields: SNAPSHOT_FIELDS },
    },
  },
  {
    name: "takes offset and limit",
    method: "GET",
    path: `${LIST}?offset=2&limit=1`,
    right: { status: 200, values: { offset: 2, limit: 1, total: 6 } },
  },
  {
    name: "answers a limit beyond a page's with the limit that it was",
    method: "GET",
    path: `${LIST}?limit=100000`,
    right: { status: 200, values: { limit: 1000, total: 6 } },
  },
  {
    name: "is empty beyond the end",
    method: "GET",
    path: `${LIST}?offset=1000`,
    right: { status: 200, values: { snapshots: [], total: 6 } },
  },
  {
    name: "can't list",
    method: "GET",
    path: LIST,
    before: async ({ fakes }) => {
      fakes.catalog.listSnapshots = () => Promise.reject(new Error("The table is away."));
    },
    right: refused(500, "SNAPSHOT_LISTING_FAILED", /try again/),
  },
  {
    name: "any other call that can't be answered",
    method: "GET",
    path: one(NIGHTLY),
    before: async ({ fakes }) => {
      fakes.catalog.getSnapshot = () => Promise.reject(new Error("The table is away."));
    },
    right: refused(500, "SERVICE_UNAVAILABLE", /try again/),
  },
  ...["limit=ten", "limit=0", "offset=-1", "limit=", "offset=1&offset=2"].map((query): Row => ({
    name: `refuses ${query}`,
    method: "GET",
    path: `${LIST}?${query}`,
    right: refused(400, "INVALID_PARAMETERS", /"(limit|offset)"/),
  })),

  {
    name: "creates a snapshot: queued, with nothing to say and no model version yet",
    method: "POST",
    path: LIST,
    options: { body: { comment: "My snapshot" } },
    right: {
      status: 200,
      fields: SNAPSHOT_FIELDS,
      values: {
        comment: "My snapshot",
        state: "queued",
        status_message: null,
        model_version: null,
        finished_at: null,
        updated_at: null,
      },
    },
  },
  {
    name: "null is no comment, and what isn't known is ignored",
    method: "POST",
    path: LIST,
    options: { body: { comment: null, tags: ["a"], dry_run: true } },
    right: { status: 200, values: { comment: "", state: "queued" } },
  },
  { name: "the body is optional", method: "POST", path: LIST, right: { status: 200, values: { comment: "" } } },
  {
    name: "a comment is a string",
    method: "POST",
    path: LIST,
    options: { body: { comment: ["a"] } },
    right: refused(400, "INVALID_PARAMETERS", /"comment"/),
  },

  {
    name: "shows a queued one",
    method: "GET",
    path: one("{id}"),
    before: queued,
    right: { status: 200, fields: SNAPSHOT_FIELDS, values: { state: "queued", model_version: null } },
  },
  {
    name: "shows a nightly one with its comment and the published message",
    method: "GET",
    path: one(NIGHTLY),
    right: {
      status: 200,
      fields: SNAPSHOT_FIELDS,
      values: {
        comment: "Automatically created nightly snapshot",
        status_message: "Completed backup creation",
        model_version: "1.4.0",
        state: "completed",
      },
    },
  },
  {
    name: "has further sentences of ours after the published one",
    method: "GET",
    path: one(ON_DEMAND),
    before: ({ fakes }) =>
      fakes.catalog.updateSnapshot(PRODUCTION, ON_DEMAND, { statusMessage: "3 files were not there." }),
    right: { status: 200, values: { status_message: "Completed backup creation. 3 files were not there." } },
  },
  {
    name: "shows an uploaded one",
    method: "GET",
    path: one(UPLOADED),
    right: { status: 200, values: { status_message: "Completed extraction", state: "completed" } },
  },
  {
    name: "a failed one says why, and nothing of having completed",
    method: "GET",
    path: one(FAILED),
    right: {
      status: 200,
      values: {
        state: "failed",
        status_message: "The database could not be reached: check its security group.",
      },
    },
  },
  ...["unknown", EXPIRED, DELETING].flatMap((id): Row[] => [
    { name: `shows no ${id}`, method: "GET", path: one(id), right: refused(404, "NOT_FOUND") },
    {
      name: `changes no ${id}`,
      method: "PUT",
      path: one(id),
      options: { body: { comment: "x" } },
      right: refused(404, "NOT_FOUND"),
    },
    // On purpose: the published call has no answer for it.
    { name: `deletes no ${id}`, method: "DELETE", path: one(id), right: refused(404, "NOT_FOUND") },
  ]),

  {
    name: "changes the comment, and nothing else",
    method: "PUT",
    path: one(ON_DEMAND),
    options: { body: { comment: "Hello" } },
    right: {
      status: 200,
      fields: SNAPSHOT_FIELDS,
      values: { comment: "Hello", updated_at: "2026-12-04T15:04:00.000Z", state: "completed" },
    },
  },
  ...[ON_DEMAND, NIGHTLY].flatMap((id): Row[] => [
    {
      name: `takes the comment of ${id} away with null`,
      method: "PUT",
      path: one(id),
      options: { body: { comment: null } },
      right: { status: 200, values: { comment: "" } },
    },
    {
      name: `takes the comment of ${id} away with an empty one, beside a field that isn't known`,
      method: "PUT",
      path: one(id),
      options: { body: { comment: "", updated_at: "2020-01-01" } },
      right: { status: 200, values: { comment: "" } },
    },
  ]),
  {
    name: "changing needs a comment",
    method: "PUT",
    path: one(ON_DEMAND),
    options: { body: {} },
    right: refused(400, "INVALID_PARAMETERS", /"comment" is missing/),
  },

  { name: "deletes", method: "DELETE", path: one(ON_DEMAND), right: { status: 204 } },
  {
    name: "deletes none that is being made",
    method: "DELETE",
    path: one("{id}"),
    before: queued,
    right: refused(400, "INVALID_STATE"),
  },
];
