/** Every failure as the same small body, with one sentence and nothing of what is inside. */
import type { Hook } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { validationSentences } from "../registration/validation-sentences";
import { ApiError, apiErrorOf } from "./api-error";
import type { ApiCollaborators, ApiContext, ApiEnv } from "./api-context";

export const errorAnswer = (context: ApiContext, { status, code, message }: ApiError): Response =>
  context.json({ errorCode: code, errorMessage: message }, status);

/** What a schema refuses: the first complaint, as a sentence that names the parameter. */
export const validationHook: Hook<unknown, ApiEnv, never, Response | undefined> = (result, context) => {
  if (result.success) return undefined;
  // An id that can't exist is one that doesn't.
  if (result.target === "param") return errorAnswer(context, nothingThere());
  const given = (result as { readonly data?: unknown }).data;
  const [sentence = "The request is not as described."] = validationSentences(result.error, given);
  return errorAnswer(context, new ApiError("INVALID_PARAMETERS", sentence.replace(/^The file /, "The body ")));
};

export const nothingThere = (): ApiError =>
  new ApiError("NOT_FOUND", "There is nothing at this address; /api/v2/openapi.json lists all.");

export const failureAnswer =
  ({ log }: ApiCollaborators) =>
  (error: Error, context: ApiContext): Response => {
    if (error instanceof HTTPException) {
      const isOurs = error.status >= 500;
      if (!isOurs)
        return errorAnswer(context, new ApiError("INVALID_PARAMETERS", "The body is not valid JSON; check it."));
    }
    const { answer, told } = apiErrorOf(error);
    if (!told) log.error("A request failed.", { requestId: context.env.requestId, error });
    return errorAnswer(context, answer);
  };
