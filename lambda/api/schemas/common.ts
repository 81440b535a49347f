/** What the descriptions of all routes share. Times are ISO 8601 in UTC with milliseconds; sizes are bytes. */
import { z } from "@hono/zod-openapi";
import { isWellFormed } from "../../pack/key-order";
import { ERROR_CODES } from "../api-error";

export const ENVIRONMENT_PATH = "/api/v2/apps/{projectId}/environments/{environmentId}";

export const errorBody = z
  .strictObject({
    errorCode: z.enum(ERROR_CODES),
    errorMessage: z.string().openapi({ description: "One sentence: what is wrong, and what to do." }),
  })
  .openapi("Error");

export const failure = (description: string) => ({
  description,
  content: { "application/json": { schema: errorBody } },
});
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
export const body = <S extends z.ZodType>(schema: S) => ({ content: { "application/json": { schema } } });

export const failures = {
  400: failure(
    "INVALID_PARAMETERS, INVALID_STATE, ENVIRONMENT_BUSY, NOT_SUPPORTED; of archives UNSUPPORTED; of restores ERROR_NOT_ALLOWED, and NOT_FOUND of the source",
  ),
  403: failure("NO_ACCESS: no or wrong credentials, or a role that doesn't suffice"),
  404: failure("ENVIRONMENT_NOT_FOUND (also without any role on the app) or NOT_FOUND"),
  500: failure("SERVICE_UNAVAILABLE, of the list of snapshots SNAPSHOT_LISTING_FAILED: try again"),
};
export const openFailures = { 404: failures[404], 500: failures[500] };

/** A key of ours, or a person's token. */
export const security = [{ username: [], apiKey: [] }, { token: [] }];

/** In a query or a body. Where escapes spelled no text, API Gateway has put U+FFFD, which no id has. */
export const givenId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\ufffd]*$/u, "must be text, and its escapes spell no UTF-8");
const id = (description: string) => z.string().min(1).max(128).openapi({ description });
export const appParams = z.object({ projectId: id("The app's id") });
export const environmentParams = appParams.extend({ environmentId: id("The environment's id") });
export const snapshotParams = environmentParams.extend({ snapshotId: id("The snapshot's id") });
export const archiveParams = snapshotParams.extend({ archiveId: id("The archive's id") });
export const uploadParams = environmentParams.extend({ uploadId: id("The upload's id") });
export const restoreParams = environmentParams.extend({ restoreId: id("The restore's id") });
export const planParams = environmentParams.extend({ planId: id("The restore plan's id") });
export const linkParams = z.object({ token: z.string().min(1).max(256).openapi({ description: "Of the link" }) });

export const idempotencyHeader = z.object({
  "idempotency-key": z
    .uuid("must be a UUID")
    .optional()
    .openapi({ description: "A UUID made by the caller: asking again with it is the same request." }),
});

/** S3 takes keys of 1,024 bytes. */
const LONGEST_KEY_BYTES = 1024;
const isKey = (text: string): boolean => Buffer.byteLength(text) <= LONGEST_KEY_BYTES && isWellFormed(text);
/** A file's key, or the beginning of one. */
export const keyText = z
  .string()
  .refine(isKey, "must be text of at most 1,024 bytes in UTF-8")
  .openapi({ maxLength: LONGEST_KEY_BYTES });
export const fileKey = keyText.min(1);

/** A whole number in a query. */
export const wholeNumber = (limits: {
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number;
}) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .default(String(limits.fallback))
    .transform(Number)
    .pipe(z.number().min(limits.minimum).max(limits.maximum))
    .openapi({ type: "integer", minimum: limits.minimum, maximum: limits.maximum, default: limits.fallback });
export const paging = z.object({
  offset: wholeNumber({ minimum: 0, maximum: 999_999_999, fallback: 0 }),
  /** No page is longer than 1000; whoever asks for more is answered with what it was. */
  limit: wholeNumber({ minimum: 1, maximum: 999_999_999, fallback: 100 }).transform((limit) => Math.min(limit, 1000)),
});
export const paged = { total: z.int(), offset: z.int(), limit: z.int() };

/** As languages write it into a query: Python's `True`, C#'s `False`. */
export const booleanText = z
  .string()
  .regex(/^(true|false)$/i, "must be true or false")
  .default("false")
  .transform((text) => text.toLowerCase() === "true")
  .openapi({ type: "boolean", default: false });

export const time = z.iso.datetime().openapi({ example: "2026-12-03T03:18:00.000Z" });
export const state = z.enum(["queued", "running", "failed", "completed"]);
/** Null while there is nothing to say. */
export const message = z.string().nullable();
export const finding = z.strictObject({ code: z.string(), message: z.string() }).openapi("Finding");
export const comment = z.string().max(1000);
/** In a body; null is no comment. */
export const givenComment = comment
  .nullable()
  .transform((text) => text ?? "")
  .openapi({ type: ["string", "null"], maxLength: 1000 });
