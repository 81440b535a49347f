/**
 * A request, and what the published documentation of the Backups API, version 2, says of its answer. Read call by call,
 * parameter by parameter, field by field, status by status, and put in words of our own.
 * https://docs.mendix.com/apidocs-mxsdk/apidocs/backups-api/
 */
import type { ErrorCode } from "../../../lambda/api/api-error";
import { ACCEPTANCE, PRODUCTION, SNAPSHOTS } from "../../support/api-world";
import { environmentPath, type ApiUnderTest, type CallOptions } from "../api-client";

/** A field's type as published; `?` after it: null where there is nothing to say yet. */
export type FieldType = "string" | "string?" | "time" | "time?" | "long" | "state" | "list";
export type Fields = Readonly<Record<string, FieldType>>;

export interface Row {
  readonly name: string;
  /** @default owner, who may do everything with the app */
  readonly as?: string | null;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** What follows `/api/v2`; `{id}` is what `before` gives. */
  readonly path: string;
  readonly options?: CallOptions;
  /** What stands when it is asked. */
  readonly before?: (api: ApiUnderTest) => Promise<string | void>;
  readonly right: {
    readonly status: number;
    /** Of a refusal; then nothing has changed either. */
    readonly errorCode?: ErrorCode;
    readonly message?: RegExp;
    /** All that are published of this answer; further ones of ours may stand beside. */
    readonly fields?: Fields;
    readonly values?: Readonly<Record<string, unknown>>;
    /** Of `GET` lists: fields of each entry. */
    readonly entries?: { readonly of: string; readonly fields: Fields };
  };
}

export const LIST = `${environmentPath(PRODUCTION)}/snapshots`;
export const RESTORES = `${environmentPath(ACCEPTANCE)}/restores`;
const ids = SNAPSHOTS.map(({ snapshotId }) => snapshotId);
const idOf = (place: number): string => ids[place] ?? "";
/** Of the production environment. */
export const [NIGHTLY, ON_DEMAND, UPLOADED, FAILED, EXPIRED, DELETING] = [
  idOf(0),
  idOf(3),
  idOf(4),
  idOf(5),
  idOf(6),
  idOf(7),
] as const;
export const KEY = { "Idempotency-Key": "7b0e2c1a-5d1f-4b7c-9e55-0c7be1a9f001" };

export const JOB: Fields = {
  status_message: "string?",
  finished_at: "time?",
  updated_at: "time?",
  created_at: "time",
  state: "state",
};
export const SNAPSHOT_FIELDS: Fields = {
  snapshot_id: "string",
  ...JOB,
  model_version: "string?",
  expires_at: "time",
  comment: "string",
};
export const ARCHIVE_FIELDS: Fields = {
  archive_id: "string",
  ...JOB,
  data_type: "string",
  snapshot_id: "string",
  url: "string?",
};
export const RESTORE_FIELDS: Fields = {
  restore_id: "string",
  ...JOB,
  source_snapshot_id: "string",
  source_environment_id: "string",
  target_environment_id: "string",
};

export const refused = (status: number, errorCode: ErrorCode, message?: RegExp): Row["right"] => ({
  status,
  errorCode,
  ...(message === undefined ? {} : { message }),
});
