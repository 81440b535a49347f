/** What the API answers when it can't do as it is told: the published codes, and which of them a failure becomes. Pure. */
import { ServiceFailure } from "../runtime/collaborators";

export const ERROR_CODES = [
  "INVALID_PARAMETERS",
  "INVALID_STATE",
  "ENVIRONMENT_BUSY",
  "ERROR_NOT_ALLOWED",
  "NOT_SUPPORTED",
  "UNSUPPORTED",
  "NO_ACCESS",
  "ENVIRONMENT_NOT_FOUND",
  "NOT_FOUND",
  "SNAPSHOT_LISTING_FAILED",
  "SERVICE_UNAVAILABLE",
  // Of the first versions only.
  "INVALID_APPID",
  "INVALID_ENVIRONMENT",
  "APP_NOT_FOUND",
  "SNAPSHOT_NOT_FOUND",
  "INTERNAL_SERVER_ERROR",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

const STATUSES = {
  INVALID_PARAMETERS: 400,
  INVALID_STATE: 400,
  ENVIRONMENT_BUSY: 400,
  ERROR_NOT_ALLOWED: 400,
  NOT_SUPPORTED: 400,
  UNSUPPORTED: 400,
  NO_ACCESS: 403,
  ENVIRONMENT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  SNAPSHOT_LISTING_FAILED: 500,
  SERVICE_UNAVAILABLE: 500,
  INVALID_APPID: 400,
  INVALID_ENVIRONMENT: 400,
  APP_NOT_FOUND: 404,
  SNAPSHOT_NOT_FOUND: 404,
  /** As published with 500, which would raise the alarm: clients that repeat on 500 by themselves repeat on 429 too. */
  INTERNAL_SERVER_ERROR: 429,
} as const satisfies Record<ErrorCode, number>;
/** Refusals of HTTP's own: of a method, a size or a form of the body. Their code is the nearest that is published. */
type HttpStatus = 405 | 413 | 415;
export type ErrorStatus = (typeof STATUSES)[ErrorCode] | HttpStatus;

/** A refusal with one sentence for the user; `status` where the published one is another for this call. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    private readonly options: ErrorOptions & { readonly status?: ErrorStatus } = {},
  ) {
    super(message, options);
  }
  get status(): ErrorStatus {
    return this.options.status ?? STATUSES[this.code];
  }
}

/** Failures of the features by their own code. What isn't listed is a state that forbids the wish, if trying again can't help. */
const CODES_OF_FAILURES: Readonly<Record<string, ErrorCode>> = {
  EnvironmentNotFound: "ENVIRONMENT_NOT_FOUND",
  EnvironmentBusy: "ENVIRONMENT_BUSY",
  SnapshotNotFound: "NOT_FOUND",
  SnapshotDeleted: "NOT_FOUND",
  SnapshotExpired: "NOT_FOUND",
  SnapshotFailed: "INVALID_STATE",
  SnapshotNotCompleted: "INVALID_STATE",
  TargetOfOtherApp: "ENVIRONMENT_NOT_FOUND",
  TargetInOtherRegion: "NOT_SUPPORTED",
  ArchiveIdTaken: "INVALID_PARAMETERS",
  UploadNotFound: "NOT_FOUND",
  RestoreNotFound: "NOT_FOUND",
  SnapshotNotEnded: "INVALID_STATE",
  SnapshotNotKept: "INVALID_PARAMETERS",
  LockedInCompliance: "NOT_SUPPORTED",
  DatabaseIsRecoveryPoint: "NOT_SUPPORTED",
  InvalidInput: "INVALID_PARAMETERS",
  FileNotInSnapshot: "NOT_FOUND",
  FileMissing: "INVALID_STATE",
};

export const UNAVAILABLE = "The service can't answer just now; try again in a few minutes.";

/** `told: false` where the user learns nothing of what happened, so that the log has to. */
export function apiErrorOf(error: unknown): { readonly answer: ApiError; readonly told: boolean } {
  if (error instanceof ApiError) return { answer: error, told: true };
  if (error instanceof ServiceFailure) {
    const code = CODES_OF_FAILURES[error.code] ?? (error.retryable ? "SERVICE_UNAVAILABLE" : "INVALID_STATE");
    if (code !== "SERVICE_UNAVAILABLE")
      return { answer: new ApiError(code, error.message, { cause: error }), told: true };
  }
  return { answer: new ApiError("SERVICE_UNAVAILABLE", UNAVAILABLE), told: false };
}
