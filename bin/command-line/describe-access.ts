/** Who may sign in and do what, a line each for people; machines ask with --json. Pure. */
import type { ListedPrincipal } from "../../lambda/access/contract";
import { oneLine } from "./plain-text";

export const describeKeys = (principals: readonly ListedPrincipal[]): readonly string[] => {
  const lines = principals.flatMap(({ name, keys }) =>
    keys.map(
      ({ keyId, label, createdAt, createdBy, expiresAt, expired }) =>
        `${keyId}  ${oneLine(name)}  made ${createdAt} by ${oneLine(createdBy)}, ${life(expiresAt, expired)}${label === "" ? "" : `  ${oneLine(label)}`}`,
    ),
  );
  return lines.length === 0 ? ["There are no keys; make one with: backups keys create PRINCIPAL"] : lines;
};

export const describeGrants = (principals: readonly ListedPrincipal[]): readonly string[] => {
  const lines = principals.flatMap(({ name, grants }) =>
    grants.map(({ app, role }) => `${oneLine(name)}  ${app}:${role}`),
  );
  return lines.length === 0 ? ["There are no grants; add one with: backups grants add PRINCIPAL APP:ROLE"] : lines;
};

const life = (expiresAt: string | null, expired: boolean): string =>
  expiresAt === null ? "does not expire" : `${expired ? "expired" : "expires"} ${expiresAt}`;
