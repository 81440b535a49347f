/**
 * Look-ups and the older snapshot calls, with the names of the published first versions
 * (sources: https://docs.mendix.com/apidocs-mxsdk/apidocs/deploy-api/ and
 * https://docs.mendix.com/apidocs-mxsdk/apidocs/backups-api-v1/).
 */
import { z } from "@hono/zod-openapi";
import { comment, failure, failures } from "./common";

const id = (description: string) => z.string().openapi({ description });
export const firstAppParams = z.object({ appId: id("The app's id") });
export const modeParams = firstAppParams.extend({ mode: id("The environment's mode in any case, or its id") });
export const firstSnapshotParams = modeParams.extend({ snapshotId: id("The snapshot's id") });

export const firstApp = z
  .strictObject({
    AppId: z.string(),
    Name: z.string(),
    ProjectId: z.string().openapi({ description: "The same as `AppId`: an app has one id here." }),
    Url: z.string().openapi({ description: "The production environment's; where nobody registered it, this page's." }),
  })
  .openapi("FirstApp");
export type FirstApp = z.infer<typeof firstApp>;
export const firstAppList = z.array(firstApp);

export const firstEnvironment = z
  .strictObject({
    EnvironmentId: z.string(),
    Mode: z.string(),
    Url: z.string().openapi({ description: "Where nobody registered it, this page's." }),
    Status: z.enum(["Empty", "Stopped", "Running"]),
    ModelVersion: z.string(),
    MendixVersion: z.string().openapi({ description: "Empty where nobody registered it." }),
    Production: z.boolean(),
  })
  .openapi("FirstEnvironment");
export type FirstEnvironment = z.infer<typeof firstEnvironment>;
export const firstEnvironmentList = z.array(firstEnvironment);

const milliseconds = z.int().openapi({ description: "Milliseconds since 1970, UTC." });
export const firstSnapshot = z
  .strictObject({
    SnapshotID: z.string(),
    Comment: z.string(),
    State: z.enum(["Queued", "Running", "Failed", "Completed"]),
    ExpiresOn: milliseconds,
    CreatedOn: milliseconds,
    ModelVersion: z.string(),
  })
  .openapi("FirstSnapshot");
export type FirstSnapshot = z.infer<typeof firstSnapshot>;
export const firstSnapshotList = z.array(firstSnapshot);

/** Published with a capital; clients write it small too. */
export const newFirstSnapshot = z
  .object({ Comment: comment.nullish(), comment: comment.nullish() })
  .openapi("NewFirstSnapshot");

export const firstDownloads = z
  .strictObject({ FilesOnly: z.url(), DatabaseOnly: z.url(), DatabaseAndFiles: z.url() })
  .openapi("FirstDownloads");
export type FirstDownloads = z.infer<typeof firstDownloads>;

export const listFailures = { 403: failures[403], 404: failures[404], 500: failures[500] };
export const appFailures = {
  ...failures,
  400: failure("INVALID_APPID: no app can have this id"),
  404: failure("APP_NOT_FOUND, also without any role on it"),
};
export const modeFailures = {
  ...failures,
  400: failure(
    "INVALID_APPID, INVALID_ENVIRONMENT, INVALID_PARAMETERS, INVALID_STATE, ERROR_NOT_ALLOWED, NOT_FOUND or NOT_SUPPORTED",
  ),
};
export const downloadFailures = {
  ...modeFailures,
  404: failure("ENVIRONMENT_NOT_FOUND (also without any role on the app) or SNAPSHOT_NOT_FOUND"),
  429: {
    ...failure("INTERNAL_SERVER_ERROR: not ready yet, ask again after as many seconds as Retry-After says"),
    headers: { "Retry-After": { schema: { type: "integer" as const } } },
  },
};
