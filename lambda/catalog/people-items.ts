/** Who may sign in and what they may do, as the catalog keeps it. Pure types. */
/** `read`: look; `backup`: create, upload, comment; `restore`: restore and download; `administer`: all, also delete. */
export type Role = "read" | "backup" | "restore" | "administer";
export interface Grant {
  /** An app's id, or `*` for all apps. */
  readonly app: string;
  readonly role: Role;
}
/** A person or a script that may sign in: with keys, or with an OIDC token that names it. */
export interface PrincipalItem {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
}
/** A key of a principal: the key itself is never stored, only its SHA-256 in hex. */
export interface ApiKeyItem {
  readonly principal: string;
  /** The first eight digits of the hash: names the key to people. */
  readonly keyId: string;
  readonly hash: string;
  readonly label: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
}
