/**
 * The API: routes, sign-in, answers to failures, and the description they are all served from. It keeps nothing
 * between requests. Every change is audited before it is made, and asking again completes what a failure left.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { createAccessChecks } from "./access-checks";
import { type Api, API_BASE, type ApiCollaborators, type ApiEnv } from "./api-context";
import { errorAnswer, failureAnswer, nothingThere, validationHook } from "./error-answers";
import { addDescription } from "./openapi-document";
import { otherMethods } from "./other-methods";
import { jsonBodies } from "./request-bodies";
import { requestLog } from "./request-log";
import { wholeAddresses } from "./whole-texts";
import { addArchiveRoutes, addLinkRoute } from "./routes/archives";
import { addContentRoutes } from "./routes/contents";
import { addDrillRoutes } from "./routes/drills";
import { addEnvironmentRoutes } from "./routes/environments";
import { addFirstSnapshotRoutes } from "./routes/first-snapshots";
import { addLookUpRoutes } from "./routes/look-ups";
import { addRestoreRoutes } from "./routes/restores";
import { addSnapshotRoutes } from "./routes/snapshots";
import { addSurroundingRoutes } from "./routes/surroundings";
import { addUploadRoutes } from "./routes/uploads";

const ROUTES = [
  addSnapshotRoutes,
  addArchiveRoutes,
  addContentRoutes,
  addUploadRoutes,
  addRestoreRoutes,
  addDrillRoutes,
  addEnvironmentRoutes,
  addSurroundingRoutes,
  addLinkRoute,
  addLookUpRoutes,
  addFirstSnapshotRoutes,
];

export function createApi(collaborators: ApiCollaborators): Api {
  const api = new OpenAPIHono<ApiEnv>({ strict: false, defaultHook: validationHook });
  api.onError(failureAnswer(collaborators));
  api.notFound((context) => errorAnswer(context, nothingThere()));
  api.use(requestLog(collaborators));
  api.use(otherMethods(api));
  // Version 1 has codes of its own for ids that can be none.
  api.use(`${API_BASE}/*`, wholeAddresses);
  api.use(jsonBodies);
  const checks = createAccessChecks(collaborators);
  for (const add of ROUTES) add(api, checks, collaborators);
  addDescription(api);
  return api;
}
