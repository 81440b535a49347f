/** Timeouts and retries of the clients that send small requests: Step Functions, ECS, SNS, Secrets Manager. */
import { isError } from "./is-error";

export interface AwsOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Standard backoff: five attempts within about two seconds, each at most ten seconds. */
export const smallRequests = (options: AwsOptions) => ({
  region: options.region,
  ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
  ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  retryMode: "standard",
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
});

/** An AWS service said no or did not answer. Keeps its exception as `cause`. */
export class ServiceUnavailable extends Error {
  override name = "ServiceUnavailable";
}
export const unavailable = (action: string, error: unknown): ServiceUnavailable =>
  new ServiceUnavailable(`${action} failed: ${isError(error) ? `${error.name}: ${error.message}` : String(error)}`, {
    cause: error,
  });
