/**
 * Where the API is and who asks it. Credentials come from environment variables only, because a command line stands in
 * histories and process lists; no sentence here holds one.
 */
import type { CommonOptions } from "../common-options";
import { CommandFailure, type Surroundings } from "../surroundings";

export interface ApiAddress {
  /** As it was given, for sentences. */
  readonly url: string;
  /** Ends with `/api/v2`. */
  readonly base: string;
  /** These sign in; they are sent nowhere but to `base`. */
  readonly headers: Readonly<Record<string, string>>;
}

const API = "/api/v2";
/** Plain HTTP would show the key to everybody on the way. */
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** What a header may hold. Anything else would be quoted in the HTTP client's own error. */
const HEADER_TEXT = /^[\x20-\x7e]{1,8192}$/;

/** Undefined where neither option nor variable names an address. */
export const apiUrl = ({ url }: CommonOptions, { variables }: Pick<Surroundings, "variables">): string | undefined =>
  (url ?? variables["BACKUPS_URL"]) || undefined;

/** Throws CommandFailure (2). */
export function apiAddress(url: string, variables: Surroundings["variables"]): ApiAddress {
  return { url, base: baseOf(url), headers: headersOf(url, variables) };
}

function baseOf(url: string): string {
  const wrong = (what: string): CommandFailure =>
    new CommandFailure(2, [`The API's address ${what}; give its base, such as https://backups.example.com/backups.`]);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong(`"${url}" is no URL`);
  }
  if (parsed.username !== "" || parsed.password !== "")
    throw wrong("holds a user or password, which must not be there");
  if (parsed.search !== "" || parsed.hash !== "") throw wrong(`"${url}" has more than a path`);
  if (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && LOOPBACK.has(parsed.hostname)))
    throw wrong(
      `"${url}" must begin with https:// (http:// only on this machine), else your key could be read on the way`,
    );
  const path = parsed.pathname.replace(/\/+$/, "");
  return `${parsed.origin}${path.endsWith(API) ? path : `${path}${API}`}`;
}

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
