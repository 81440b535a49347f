/** What API Gateway answers by itself, in the API's own form: a script meets one kind of error body only. */
import { ResponseType, type RestApi } from "aws-cdk-lib/aws-apigateway";

const REFUSALS = [
  {
    type: ResponseType.ACCESS_DENIED,
    statusCode: "403",
    errorCode: "NO_ACCESS",
    errorMessage: "Your network is not among those that may reach this API; ask its administrators.",
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    statusCode: "404",
    errorCode: "NOT_FOUND",
    errorMessage: "There is nothing at this path for this method; openapi.json lists what there is.",
  },
  {
    type: ResponseType.THROTTLED,
    statusCode: "429",
    /** Seconds: the burst fills up again within one, so that whoever heeds it is let through. */
    retryAfter: "2",
    errorCode: "SERVICE_UNAVAILABLE",
    errorMessage: "Too many requests at the same time; try again in a few seconds.",
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    statusCode: "413",
    errorCode: "INVALID_PARAMETERS",
    errorMessage:
      "The request's body is too large; backups are uploaded in parts, to the addresses that the API hands out.",
  },
  {
    type: ResponseType.DEFAULT_5XX,
    statusCode: undefined,
    errorCode: "SERVICE_UNAVAILABLE",
    errorMessage: "The service did not answer; try again in a moment.",
  },
] as const;

export const answerRefusals = (api: RestApi): void => {
  for (const { type, statusCode, errorCode, errorMessage, ...others } of REFUSALS) {
    api.addGatewayResponse(type.responseType, {
      type,
      ...(statusCode === undefined ? {} : { statusCode }),
      ...("retryAfter" in others ? { responseHeaders: { "Retry-After": `'${others.retryAfter}'` } } : {}),
      templates: { "application/json": JSON.stringify({ errorCode, errorMessage }) },
    });
  }
};
