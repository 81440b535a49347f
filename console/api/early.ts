/**
 * The first requests, sent before the page's scripts have arrived. Each is handed out once; whoever finds none asks
 * anew. A failure is kept in its promise and shown by the view that takes it.
 */
import { request, type RequestOptions } from "./client";
import { readPlace } from "../app/last-place";
import type { Place } from "../app/place";
import { readSession } from "./session";
import { askTabs } from "./session-tabs";

interface Early {
  readonly answer: Promise<unknown>;
  /** Set once the answer has come. */
  value?: unknown;
}
const waiting = new Map<string, Early>();

/** Identifies a GET. */
const nameOf = (path: string, query: RequestOptions["query"]): string => `${path}?${JSON.stringify(query ?? {})}`;

export const FIRST_PAGE = { offset: 0, limit: 1000 } as const;
export const environmentsPath = (appId: string): string => `apps/${encodeURIComponent(appId)}/environments`;
export const environmentPath = ({ appId, environmentId }: Place): string =>
  `${environmentsPath(appId)}/${encodeURIComponent(environmentId)}`;

const startOne = (path: string, query?: RequestOptions["query"]): void => {
  const answer = request("GET", path, query === undefined ? {} : { query });
  const early: Early = { answer };
  waiting.set(nameOf(path, query), early);
  answer.then(
    (value) => (early.value = value),
    () => undefined,
  );
};

let started: Promise<void> = Promise.resolve();
export const startEarly = (): void => {
  started = start();
};
const start = async (): Promise<void> => {
  if (readSession() === undefined) await askTabs();
  if (readSession() === undefined) return;
  startOne("me");
  startOne("apps");
  startOne("regions");
  const place = readPlace();
  if (place === undefined) return;
  startOne(environmentsPath(place.appId));
  startOne(`${environmentPath(place)}/snapshots`, FIRST_PAGE);
};

/** A GET, answered by what was asked for early where there is such a thing. */
export const get = async <T>(path: string, options: Pick<RequestOptions, "query" | "signal"> = {}): Promise<T> => {
  const name = nameOf(path, options.query);
  const early = waiting.get(name);
  if (early === undefined) return request<T>("GET", path, options);
  waiting.delete(name);
  return (await early.answer) as T;
};
/** What has come already, so that it is part of the very first picture. It stays for whoever asks with `get`. */
export const peek = <T>(path: string, query?: RequestOptions["query"]): T | undefined =>
  waiting.get(nameOf(path, query))?.value as T | undefined;
/**
 * When all early answers have come, or after `milliseconds`: drawing once is faster than drawing twice. Whether somebody
 * is signed in is known then in any case.
 */
export const whenEarlyCame = async (milliseconds: number): Promise<void> => {
  const limit = new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
  await started;
  await Promise.race([Promise.allSettled([...waiting.values()].map(({ answer }) => answer)), limit]);
};

/** What was asked for early belongs to whoever was signed in then. */
export const forgetEarly = (): void => waiting.clear();
