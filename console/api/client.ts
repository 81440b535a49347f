/**
 * One place for requests to the API and for what can go wrong with them. Addresses are relative to the page's own, so
 * that the page works below any path. Nothing is logged.
 */
import { isSameSession, noteRefused, readSession, sessionHeaders, type Session } from "./session";

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
  /** Whether the same request may be answered later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Makes asking again after a lost answer the same request. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Tried before it is anybody's. @default whoever is signed in */
  readonly session?: Session;
}
type Method = "GET" | "POST" | "PUT" | "DELETE";

/** API Gateway gives up after 29 seconds. */
const LIMIT_SECONDS = 40;

export const request = async <T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> => {
  const { query = {}, body, idempotencyKey, signal } = options;
  const session = options.session ?? readSession();
  const url = new URL(`api/v2/${path}`, document.baseURI);
  url.hash = "";
  url.search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  const limit = AbortSignal.timeout(LIMIT_SECONDS * 1000);
  const init: RequestInit = {
    method,
    headers: {
      ...sessionHeaders(session),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    cache: "no-store",
  };
  try {
    const response = await fetch(url, init);
    if (response.ok) return (response.status === 204 ? undefined : await bodyOf(response)) as T;
    const failure = await failureOf(response);
    if (failure.code === "NO_ACCESS" && options.session === undefined) void askWho(path, session);
    throw failure;
  } catch (error) {
    if (error instanceof ApiFailure || signal?.aborted === true) throw error;
    const sentence = limit.aborted
      ? `The service did not answer within ${LIMIT_SECONDS} seconds: try again in a minute.`
      : "The service can't be reached: check the connection, then try again.";
    throw new ApiFailure(0, "UNREACHABLE", sentence);
  }
};

/** A refusal may mean this one request or whoever asks: `me` is refused to those alone who aren't signed in. */
const askWho = async (path: string, session: Session | undefined): Promise<void> => {
  if (session === undefined || !isSameSession(session, readSession())) return;
  if (path === "me") return noteRefused(session);
  await request("GET", "me").catch(() => undefined);
};

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const sentence = "Something else answered in place of the service, such as a network's own sign-in page: reload.";
    throw new ApiFailure(0, "NOT_THE_SERVICE", sentence);
  }
};

/** What stands before the service answers without its sentences. */
const SENTENCES: Readonly<Record<number, string>> = {
  403: "The service doesn't admit this network, or a firewall before it refused: ask whoever runs the backups.",
  429: "Too much is asked at once: wait a moment, then try again.",
};
const failureOf = async (response: Response): Promise<ApiFailure> => {
  const { status } = response;
  const unknown = SENTENCES[status] ?? `The service answered ${status} and gave no reason: try again in a minute.`;
  const text = await response.text();
  try {
    const { errorCode, errorMessage } = JSON.parse(text) as { errorCode?: string; errorMessage?: string };
    return new ApiFailure(status, errorCode ?? "UNKNOWN", errorMessage ?? unknown);
  } catch {
    return new ApiFailure(status, "UNKNOWN", unknown);
  }
};

/** The sentence that people are shown. */
export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
