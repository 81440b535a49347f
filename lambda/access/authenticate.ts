/**
 * Who is calling: a key pair in the headers `Mendix-Username` and `Mendix-ApiKey` (named as in the published API, so
 * that scripts written for it work), or an OIDC token in `Authorization: Bearer`. Both lead to one principal and its
 * grants. Nothing is changed, and nothing of the headers appears in a message or a log.
 *
 * An unknown name, a wrong key and an expired one are told apart by nothing: the answer is the same undefined, after
 * the same two requests to the catalog. A valid token of somebody without grants is a caller who has no access.
 */
import type { Grant } from "../catalog/items";
import type { Collaborators } from "../runtime/collaborators";
import { hashOfKey } from "./api-keys";
import { principalName } from "./contract";
import type { Tokens } from "./tokens";

export interface Caller {
  /** Shown as the maker of snapshots, and in audit records. */
  readonly name: string;
  readonly grants: readonly Grant[];
}
/** As API Gateway has them, or as a Fetch request's entries; names in any case. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

export type AuthenticateCollaborators = Pick<Collaborators, "catalog" | "clock"> & { readonly tokens: Tokens };

/** Longer than any key or name of ours, and no longer than a header may be. */
const SECRET_LENGTH_LIMIT = 1024;
const BEARER = /^Bearer +([^\s]+) *$/i;

/** Where key headers are present a token is not looked at. Throws only when catalog or provider do not answer. */
export async function authenticate(
  headers: RequestHeaders,
  collaborators: AuthenticateCollaborators,
): Promise<Caller | undefined> {
  const user = header(headers, "mendix-username");
  const key = header(headers, "mendix-apikey");
  if (user !== undefined || key !== undefined) {
    return user === undefined || key === undefined ? undefined : callerWithKey(user, key, collaborators);
  }
  const token = BEARER.exec(header(headers, "authorization") ?? "")?.[1];
  return token === undefined ? undefined : callerWithToken(token, collaborators);
}

async function callerWithKey(
  user: string,
  key: string,
  { catalog, clock }: AuthenticateCollaborators,
): Promise<Caller | undefined> {
  // Judged by the form alone, before anybody is looked up.
  const name = principalName.safeParse(user);
  if (!name.success || key === "" || key.length > SECRET_LENGTH_LIMIT) return undefined;
  const [principal, standing] = await Promise.all([
    catalog.getPrincipal(name.data),
    catalog.getApiKey({ principal: name.data, hash: hashOfKey(key) }),
  ]);
  if (principal === undefined || standing === undefined) return undefined;
  return hasExpired(standing.expiresAt, clock.now()) ? undefined : { name: principal.name, grants: principal.grants };
}

async function callerWithToken(
  token: string,
  { catalog, tokens }: AuthenticateCollaborators,
): Promise<Caller | undefined> {
  const claimed = await tokens.principalOf(token);
  const name = principalName.safeParse(claimed);
  if (!name.success) return undefined;
  const principal = await catalog.getPrincipal(name.data);
  return { name: name.data, grants: principal?.grants ?? [] };
}

/** From that second on the key is none. */
export const hasExpired = (expiresAt: string | null, now: Date): boolean =>
  expiresAt !== null && now.getTime() >= Date.parse(expiresAt);

/** Undefined also where the same header stands twice under names that differ in case: nobody knows which one counts. */
function header(headers: RequestHeaders, lowerCaseName: string): string | undefined {
  const found = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && name.toLowerCase() === lowerCaseName,
  );
  return found.length === 1 ? found[0]?.[1] : undefined;
}
