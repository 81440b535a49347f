/**
 * Where the API is and who asks it. Credentials come from environment variables only, because a command line stands in
 * histories and process lists; no sentence here holds one.
 */
import type { CommonOptions } from "../common-options";
import { oneLine } from "../plain-text";
import { CommandFailure, type Surroundings } from "../surroundings";

export interface ApiAddress {
  /** As it was given, for sentences. */
  readonly url: string;
  /** Ends with `/api/v2`. */
  readonly base: string;
  /** Where it may be instead, when nothing of the API's own answers at `base`: at the same host. */
  readonly otherBase?: string;
  /** These sign in; they are sent nowhere but to `base`. */
  readonly headers: Readonly<Record<string, string>>;
}

const API = "/api/v2";
/** Of API Gateway, which is the first segment of every path. */
const STAGE = "backups";
/** Plain HTTP would show the key to everybody on the way. */
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** What a header may hold. Anything else would be quoted in the HTTP client's own error. */
const HEADER_TEXT = /^[\x20-\x7e]{1,8192}$/;

/** Undefined where neither option nor variable names an address. */
export const apiUrl = ({ url }: CommonOptions, { variables }: Pick<Surroundings, "variables">): string | undefined =>
  (url ?? variables["BACKUPS_URL"]) || undefined;

/** Throws CommandFailure (2). */
export function apiAddress(url: string, variables: Surroundings["variables"]): ApiAddress {
  return { url, ...basesOf(url), headers: headersOf(url, variables) };
}

/**
 * The API's base in an address as people have it: with or without `/backups` (API Gateway's stage), `/api/v2`, a slash at
 * the end, or copied from the page, with its path, query and fragment. Throws CommandFailure (2).
 */
export function basesOf(url: string): Pick<ApiAddress, "base" | "otherBase"> {
  const parsed = parse(url);
  if (parsed.username !== "" || parsed.password !== "")
    throw wrong("The API's address holds a user or password, which must not be there");
  if (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && LOOPBACK.has(parsed.hostname)))
    throw wrong(
      `The API's address "${url}" must begin with https:// (http:// only on this machine), else your key could be read on the way`,
    );
  const segments = parsed.pathname.split("/").filter((segment) => segment !== "");
  const at = (path: readonly string[]): string => [parsed.origin, ...path].join("/") + API;
  const ends = [segments.indexOf("api"), segments.indexOf(STAGE) + 1 || -1].filter((end) => end >= 0);
  const before = segments.slice(0, Math.min(segments.length, ...ends));
  if (before.length > 0) return { base: at(before) };
  // Only a domain of one's own can have the API at its root; API Gateway's never has.
  const [stage, root] = [at([STAGE]), at([])];
  return segments.length > 0 ? { base: root, otherBase: stage } : { base: stage, otherBase: root };
}

function parse(url: string): URL {
  if (/[\s\p{Cc}]/u.test(url)) throw wrong(`The API's address "${oneLine(url)}" holds spaces or line breaks`);
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(url))
    throw wrong(`The API's address "${url}" is no URL: it must begin with https://`);
  try {
    return new URL(url);
  } catch {
    throw wrong(`The API's address "${url}" is no URL`);
  }
}

const wrong = (what: string): CommandFailure =>
  new CommandFailure(2, [`${what}; give its base, such as https://backups.example.com/backups.`]);

function headersOf(url: string, variables: Surroundings["variables"]): Readonly<Record<string, string>> {
  const { BACKUPS_USERNAME: user, BACKUPS_API_KEY: key, BACKUPS_TOKEN: token } = variables;
  if (user && key) {
    return { "Mendix-Username": usable("BACKUPS_USERNAME", user), "Mendix-ApiKey": usable("BACKUPS_API_KEY", key) };
  }
  if (token) return { Authorization: `Bearer ${usable("BACKUPS_TOKEN", token)}` };
  throw new CommandFailure(2, [
    `To ask ${url}, set the environment variables BACKUPS_USERNAME and BACKUPS_API_KEY, or BACKUPS_TOKEN.`,
  ]);
}

function usable(name: string, value: string): string {
  if (HEADER_TEXT.test(value)) return value;
  throw new CommandFailure(2, [
    `The environment variable ${name} holds characters that can't be sent; copy the value again, without line breaks.`,
  ]);
}
