/**
 * One request to the API, as often as it takes: limited in time, and repeated with growing pauses when the API is away
 * or overloaded. Each POST carries an Idempotency-Key, so that a repetition after a lost answer is the same request.
 * Redirections are not followed: the credentials go to no other address.
 */
import type { z } from "zod";
import { oneLine } from "../plain-text";
import { CommandFailure, type Surroundings } from "../surroundings";
import type { ApiAddress } from "./api-address";
import { camelKeys } from "./camel-keys";

export type ApiMethod = "GET" | "POST" | "PUT" | "DELETE";
export interface ApiRequest {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
}

/** The API Gateway gives up after 29 seconds. */
const TIMEOUT_MS = 35_000;
/** Pauses of 0.5, 1, 2 and 4 seconds: a hiccup or a throttled minute's end, not an outage. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** The API said no, with its own sentence. */
export class ApiRefusal extends CommandFailure {
  override name = "ApiRefusal";
  constructor(
    readonly status: number,
    /** The published code; empty where something before the API answered. */
    readonly code: string,
    sentence: string,
  ) {
    super(1, [sentence]);
  }
}

export class ApiClient {
  /** The first answer of the API's own settles it. */
  private base: string;
  private otherBase: string | undefined;
  constructor(
    readonly address: ApiAddress,
    private readonly given: Pick<Surroundings, "fetch" | "sleep" | "newRequestId">,
  ) {
    this.base = address.base;
    this.otherBase = address.otherBase;
  }

  /** The answer in camelCase. Throws ApiRefusal, CommandFailure. */
  async ask<T>(method: ApiMethod, path: string, answer: z.ZodType<T>, request: ApiRequest = {}): Promise<T> {
    const text = await this.send(method, path, request);
    const parsed = answer.safeParse(camelKeys(jsonOf(text)));
    if (parsed.success) return parsed.data;
    throw new CommandFailure(1, [
      `${this.address.url} answered in an unknown form; check the address, or update this checkout to the deployed version.`,
    ]);
  }

  /** DELETE, whose answer is empty. What a lost first answer has deleted already is deleted. */
  async delete(path: string): Promise<void> {
    await this.send("DELETE", path, {});
  }

  private async send(method: ApiMethod, path: string, request: ApiRequest): Promise<string> {
    const { url } = this.address;
    const addressIn = (base: string): string => `${base}${path}${queryOf(request)}`;
    const options: RequestInit = {
      method,
      redirect: "manual",
      headers: {
        ...this.address.headers,
        Accept: "application/json",
        ...(method === "POST" ? { "Idempotency-Key": this.given.newRequestId() } : {}),
        ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    };
    let pause = FIRST_PAUSE_MS;
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS;
      let wish: number | undefined;
      try {
        const ask = async (): Promise<readonly [Response, string]> => {
          const signal = AbortSignal.timeout(TIMEOUT_MS);
          const response = await this.given.fetch(addressIn(this.base), { ...options, signal });
          return [response, await response.text()];
        };
        let [response, text] = await ask();
        if (this.otherBase !== undefined && isNobody(response, text)) {
          this.base = this.otherBase;
          [response, text] = await ask();
        }
        this.otherBase = undefined;
        if (response.ok) return text;
        if (method === "DELETE" && attempt > 1 && response.status === 404) return "";
        if (last || !isPassing(response.status)) throw refusalOf(response, text, url);
        wish = Number(response.headers.get("retry-after") ?? "0") * 1000 || undefined;
      } catch (error) {
        if (error instanceof CommandFailure) throw error;
        if (last) throw unreachable(url, error);
      }
      await this.given.sleep(Math.min(wish ?? pause, LONGEST_PAUSE_MS));
      pause *= 2;
    }
  }
}

/** `/apps/a%20b/…` */
export const apiPath = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");

/** Refused by what stands before the API, or found by nobody: 403 and 404 without the API's own words. */
const isNobody = ({ status }: Response, text: string): boolean =>
  (status === 403 || status === 404) && typeof (jsonOf(text) as { errorCode?: unknown } | null)?.errorCode !== "string";

const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408;

const queryOf = ({ query = {} }: ApiRequest): string => {
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return text === "" ? "" : `?${text}`;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

function refusalOf(response: Response, text: string, url: string): ApiRefusal {
  const body = jsonOf(text) as { errorCode?: unknown; errorMessage?: unknown } | null | undefined;
  if (typeof body?.errorCode === "string" && typeof body.errorMessage === "string")
    return new ApiRefusal(response.status, body.errorCode, oneLine(body.errorMessage));
  const reason =
    response.status === 403
      ? "check the address, and whether its network policy lets this machine in"
      : response.status === 429
        ? "too many requests are being made: try again in a minute"
        : "check the address";
  return new ApiRefusal(
    response.status,
    "",
    `${url} answered ${response.status} without the API's own error; ${reason}.`,
  );
}

/** Only the code of what went wrong: an HTTP client's own words may quote a request. */
function unreachable(url: string, error: unknown): CommandFailure {
  return new CommandFailure(1, [`${url} can't be reached (${reasonOf(error)}); check the address and your network.`]);
}

/** `ECONNREFUSED`, or `it did not answer in time`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  if (error.name === "TimeoutError" || error.name === "AbortError") return "it did not answer in time";
  const { code } = ((error.cause ?? error) as { code?: unknown } | null) ?? {};
  return typeof code === "string" ? code : "the connection failed";
}
