/** Asks the API over HTTP as scripts do: with a key, and nothing else of this run's own. */
import type { Secrets } from "./secrets";

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}
/** The parts of the API's answers that the story looks at. */
export interface ApiError {
  readonly errorCode: string;
  readonly errorMessage: string;
}
export interface ApiKey {
  readonly username: string;
  readonly key: string;
}

export class ApiClient {
  constructor(
    /** Of the page, with a slash at its end. */
    readonly address: string,
    readonly key: ApiKey | undefined,
    private readonly secrets: Secrets,
  ) {}

  as(key: ApiKey | undefined): ApiClient {
    return new ApiClient(this.address, key, this.secrets);
  }

  get<Body>(path: string): Promise<ApiAnswer<Body>> {
    return this.ask("GET", path);
  }
  post<Body>(path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    return this.ask("POST", path, body);
  }
  put<Body>(path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    return this.ask("PUT", path, body);
  }
  delete<Body>(path: string): Promise<ApiAnswer<Body>> {
    return this.ask("DELETE", path);
  }

  /** `path` follows `/api/v2/`. Any status is an answer. */
  private async ask<Body>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    const response = await fetch(`${this.address}api/v2/${path}`, {
      method,
      headers: {
        ...(this.key === undefined ? {} : { "Mendix-Username": this.key.username, "Mendix-ApiKey": this.key.key }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    this.secrets.noteLinks(text);
    return {
      status: response.status,
      body: (text === "" ? undefined : JSON.parse(text)) as Body,
      headers: response.headers,
    };
  }
}

/** `apps/<app>/environments/<environment>/`, as every call about an environment begins. */
export const environmentPath = (appId: string, environmentId: string): string =>
  `apps/${encodeURIComponent(appId)}/environments/${encodeURIComponent(environmentId)}/`;

/** The answer's body, or an error that quotes what the API said instead. */
export const expectStatus = <Body>({ status, body }: ApiAnswer<Body>, wanted: number, what: string): Body => {
  if (status === wanted) return body;
  const { errorCode, errorMessage } = (body ?? {}) as Partial<ApiError>;
  throw new Error(`${what}: the API answered ${status} ${errorCode ?? ""}: ${errorMessage ?? "nothing"}`);
};
