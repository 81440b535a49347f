/**
 * What the command line asks of the access function. Every answer is one sentence and what was asked for. What is
 * refused comes back as `ok: false` and has changed nothing; what failed on the way is thrown and may be repeated.
 * Nothing here is logged: one of the answers holds a key.
 */
import { validationSentences } from "../registration/validation-sentences";
import { isError } from "../runtime/is-error";
import {
  accessRequest,
  GRANTS_LIMIT,
  type AccessRefused,
  type AccessRequest,
  type AccessResponse,
  type ListedPrincipal,
} from "./contract";
import { createKey, listKeys, revokeKey } from "./keys";
import { type AccessCollaborators, changeGrants, isSameGrant, withGrants } from "./principals";
import type { Grant, PrincipalItem } from "../catalog/items";

type Asked<A extends AccessRequest["action"]> = Omit<Extract<AccessRequest, { action: A }>, "action">;

/** Principals on a page: each costs a query of its own for its keys. */
const PAGE = 50;

export async function handleRequest(event: unknown, collaborators: AccessCollaborators): Promise<AccessResponse> {
  const parsed = accessRequest.safeParse(event);
  if (!parsed.success) return refused(validationSentences(parsed.error, event).join("\n"));
  const request = parsed.data;
  switch (request.action) {
    case "create-key":
      return create(request, collaborators);
    case "revoke-key":
      return revokeOne(request, collaborators);
    case "grant":
      return addGrant(request, collaborators);
    case "revoke":
      return removeGrant(request, collaborators);
    default:
      return list(request, collaborators);
  }
}

async function create(wish: Asked<"create-key">, collaborators: AccessCollaborators): Promise<AccessResponse> {
  const { principal, by, grants = [] } = wish;
  const tooMany = await add({ name: principal, by, grants }, collaborators);
  if (tooMany !== undefined) return tooMany;
  const { key, item } = await createKey(wish, collaborators);
  const { keyId, expiresAt } = item;
  const life = expiresAt === null ? "It does not expire." : `It expires at ${expiresAt}.`;
  return { ok: true, message: `Key ${keyId} of ${principal} is made. ${life}`, principal, keyId, key, expiresAt };
}

async function revokeOne(asked: Asked<"revoke-key">, collaborators: AccessCollaborators): Promise<AccessResponse> {
  const { principal, keyId } = asked;
  if (await revokeKey(asked, collaborators)) {
    return { ok: true, message: `Key ${keyId} of ${principal} is revoked.` };
  }
  return refused(`${principal} has no key ${keyId}: it was revoked before, or never made; look at the list of keys.`);
}

async function addGrant(
  { principal, grant, by }: Asked<"grant">,
  collaborators: AccessCollaborators,
): Promise<AccessResponse> {
  const tooMany = await add({ name: principal, by, grants: [grant] }, collaborators);
  return tooMany ?? { ok: true, message: `${principal} has the role ${grant.role} on ${onApp(grant)}.` };
}

/** Makes the principal where there is none. Undefined when all is well, also when the grants were there before. */
async function add(
  { name, by, grants }: { readonly name: string; readonly by: string; readonly grants: readonly Grant[] },
  collaborators: AccessCollaborators,
): Promise<AccessRefused | undefined> {
  let isTooMany = false;
  await changeGrants(
    {
      name,
      by,
      action: grants.length === 0 ? "principal.create" : "grant.add",
      grants,
      apply: (standing, exists) => {
        const next = withGrants(standing, grants) ?? (exists ? undefined : standing);
        isTooMany = next !== undefined && next.length > GRANTS_LIMIT;
        return isTooMany ? undefined : next;
      },
    },
    collaborators,
  );
  if (!isTooMany) return undefined;
  return refused(`${name} would have more than ${GRANTS_LIMIT} grants; grant the role on every app (*) instead.`);
}

async function removeGrant(
  { principal, grant, by }: Asked<"revoke">,
  collaborators: AccessCollaborators,
): Promise<AccessResponse> {
  const { changed } = await changeGrants(
    {
      name: principal,
      by,
      action: "grant.remove",
      grants: [grant],
      apply: (standing) => {
        const next = standing.filter((one) => !isSameGrant(one, grant));
        return next.length === standing.length ? undefined : next;
      },
    },
    collaborators,
  );
  if (changed) return { ok: true, message: `${principal} no longer has the role ${grant.role} on ${onApp(grant)}.` };
  return refused(
    `${principal} has no grant of the role ${grant.role} on ${onApp(grant)}; a role that another one includes is taken away with that one. Look at the list of grants.`,
  );
}

async function list({ principal, cursor }: Asked<"list">, collaborators: AccessCollaborators): Promise<AccessResponse> {
  const { catalog } = collaborators;
  if (principal !== undefined) {
    const found = await catalog.getPrincipal(principal);
    if (found === undefined) return refused(`There is no ${principal}; names count letter for letter.`);
    return { ok: true, message: `Grants and keys of ${principal}.`, principals: [await listed(found, collaborators)] };
  }
  let page;
  try {
    page = await catalog.listPrincipals(cursor, PAGE);
  } catch (error) {
    // What the table says of a cursor that it didn't make.
    const isNoCursor = isError(error) && (error.name === "SyntaxError" || error.name === "ValidationException");
    if (cursor === undefined || !isNoCursor) throw error;
    return refused("The cursor is none of this list; ask for its first page, without a cursor.");
  }
  const principals: ListedPrincipal[] = [];
  for (const found of page.items) principals.push(await listed(found, collaborators));
  return {
    ok: true,
    message: "Who may do what.",
    principals,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
}

const listed = async (
  { name, grants }: PrincipalItem,
  collaborators: AccessCollaborators,
): Promise<ListedPrincipal> => ({ name, grants: [...grants], keys: await listKeys(name, collaborators) });

const onApp = ({ app }: Grant): string => (app === "*" ? "every app" : `app ${app}`);
const refused = (message: string): AccessRefused => ({ ok: false, message });
