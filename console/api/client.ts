/**
 * One place for requests to the API and for what can go wrong with them. Addresses are relative to the page's own, so
 * that the page works below any path. Nothing is logged.
 */
import { readSession, sessionHeaders } from "./session";

/** What the API refused or couldn't do; `message` is its own sentence. */
export class ApiFailure extends Error {
  override name = "ApiFailure";
  constructor(
    /** 0 where no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Makes asking again after a lost answer the same request. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}
type Method = "GET" | "POST" | "PUT" | "DELETE";

export const request = async <T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> => {
  const { query = {}, body, idempotencyKey, signal } = options;
  const url = new URL(`api/v2/${path}`, document.baseURI);
  url.hash = "";
  url.search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  const response = await answerOf(url, {
    method,
    headers: {
      ...sessionHeaders(readSession()),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    cache: "no-store",
  });
  if (!response.ok) throw await failureOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
};

const answerOf = async (url: URL, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiFailure(0, "UNREACHABLE", "The service can't be reached: check the connection, then try again.");
  }
};

const failureOf = async (response: Response): Promise<ApiFailure> => {
  const unknown = `The service answered ${response.status} and gave no reason: try again in a minute.`;
  try {
    const { errorCode, errorMessage } = (await response.json()) as { errorCode?: string; errorMessage?: string };
    return new ApiFailure(response.status, errorCode ?? "UNKNOWN", errorMessage ?? unknown);
  } catch {
    return new ApiFailure(response.status, "UNKNOWN", unknown);
  }
};

/** The sentence that people are shown. */
export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
