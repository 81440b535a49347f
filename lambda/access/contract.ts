/**
 * Who may sign in and do what: invoked directly by the command line, authorised by the caller's IAM identity, so that
 * the first key needs no key.
 */
import { z } from "zod";
import type { Role } from "../catalog/items";

const NAME_LENGTH_LIMIT = 256;
/** Automatic snapshots are shown under this name; a person's must not look like them. */
const RESERVED_NAME = "nightly";
/**
 * As people sign in with it: an e-mail address, a script's name, or what a token's claim says, letter for letter.
 * Printable, and no white space at its ends.
 */
export const principalName = z
  .string()
  .min(1)
  .max(NAME_LENGTH_LIMIT)
  .regex(/^[^\p{C}\p{Z}]+(?: [^\p{C}\p{Z}]+)*$/u, "must be printable, with single spaces between words")
  .refine(
    (name) => name.toLowerCase() !== RESERVED_NAME,
    "must be another name: automatic snapshots are called Nightly",
  );

export const ROLES = ["read", "backup", "restore", "administer"] as const satisfies readonly Role[];
export const grant = z.strictObject({
  app: z.string().regex(/^(\*|[A-Za-z0-9][A-Za-z0-9-]{0,63})$/, "must be an app's id, or * for every app"),
  role: z.enum(ROLES),
});
export const KEY_ID = /^[0-9a-f]{8}$/;
/** Ten years; a key without an expiry is one that leaves `expiresInDays` out. */
export const EXPIRY_DAYS_LIMIT = 3650;
export const GRANTS_LIMIT = 500;

/** Who is named in the audit record. */
const by = z.string().min(1).max(256);

export const accessRequest = z.discriminatedUnion("action", [
  /** Makes the principal where there is none, and adds the grants to those it has. */
  z.strictObject({
    action: z.literal("create-key"),
    principal: principalName,
    /** What the key is for, shown in lists. */
    label: z.string().max(200),
    expiresInDays: z.int().min(1).max(EXPIRY_DAYS_LIMIT).optional(),
    grants: z.array(grant).max(GRANTS_LIMIT).optional(),
    by,
  }),
  z.strictObject({
    action: z.literal("revoke-key"),
    principal: principalName,
    keyId: z.string().regex(KEY_ID, "must be the eight digits that the list of keys shows"),
    by,
  }),
  /** Makes the principal where there is none: somebody who signs in with tokens needs no key. */
  z.strictObject({ action: z.literal("grant"), principal: principalName, grant, by }),
  z.strictObject({ action: z.literal("revoke"), principal: principalName, grant, by }),
  /** One page; `cursor` is the last page's. With `principal` that one alone. */
  z.strictObject({
    action: z.literal("list"),
    principal: principalName.optional(),
    cursor: z.string().max(4096).optional(),
  }),
]);
export type AccessRequest = z.infer<typeof accessRequest>;

const accepted = z.object({ ok: z.literal(true), message: z.string() });
/** One sentence a line: what is wrong, where, what to do. Nothing was changed. */
export const accessRefused = z.object({ ok: z.literal(false), message: z.string() });
export type AccessRefused = z.infer<typeof accessRefused>;

/** A key as lists show it: nothing that signs anybody in. Times are ISO 8601 in UTC. */
export const listedKey = z.object({
  keyId: z.string(),
  label: z.string(),
  createdAt: z.string(),
  createdBy: z.string(),
  expiresAt: z.string().nullable(),
  expired: z.boolean(),
});
export type ListedKey = z.infer<typeof listedKey>;
export const listedPrincipal = z.object({
  name: z.string(),
  grants: z.array(z.object({ app: z.string(), role: z.enum(ROLES) })),
  keys: z.array(listedKey),
});
export type ListedPrincipal = z.infer<typeof listedPrincipal>;

/** `key` is told here and never again. */
export const keyCreated = accepted.extend({
  principal: z.string(),
  keyId: z.string(),
  key: z.string(),
  expiresAt: z.string().nullable(),
});
/** Answers to `revoke-key`, `grant` and `revoke`. */
export const accessChanged = accepted;
/** In order of names. */
export const accessListed = accepted.extend({
  principals: z.array(listedPrincipal),
  cursor: z.string().optional(),
});

export type AccessResponse =
  | AccessRefused
  | z.infer<typeof keyCreated>
  | z.infer<typeof accessChanged>
  | z.infer<typeof accessListed>;
