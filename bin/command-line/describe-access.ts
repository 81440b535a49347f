/** Who may sign in and do what, a line each for people; machines ask with --json. Pure. */
import type { ListedPrincipal } from "../../lambda/access/contract";
import { second } from "./plain-text";
import { type Column, table } from "./table";

type ListedKey = ListedPrincipal["keys"][number] & { readonly name: string };
const KEYS: readonly Column<ListedKey>[] = [
  { title: "KEY", of: ({ keyId }) => keyId },
  { title: "PRINCIPAL", of: ({ name }) => name },
  { title: "MADE", of: ({ createdAt }) => second(createdAt), dispensable: 2 },
  { title: "BY", of: ({ createdBy }) => createdBy, dispensable: 1 },
  { title: "VALID", of: ({ expiresAt, expired }) => life(expiresAt, expired) },
  { title: "LABEL", of: ({ label }) => label },
];
const GRANTS: readonly Column<{ readonly name: string; readonly grant: string }>[] = [
  { title: "PRINCIPAL", of: ({ name }) => name },
  { title: "GRANT", of: ({ grant }) => grant },
];

/** `width`: the terminal's. */
export const describeKeys = (principals: readonly ListedPrincipal[], width: number | undefined): readonly string[] => {
  const rows = principals.flatMap(({ name, keys }) => keys.map((key) => ({ ...key, name })));
  return rows.length === 0
    ? ["There are no keys; make one with: backups keys create PRINCIPAL"]
    : table(KEYS, rows, width);
};

export const describeGrants = (
  principals: readonly ListedPrincipal[],
  width: number | undefined,
): readonly string[] => {
  const rows = principals.flatMap(({ name, grants }) =>
    grants.map(({ app, role }) => ({ name, grant: `${app}:${role}` })),
  );
  return rows.length === 0
    ? ["There are no grants; add one with: backups grants add PRINCIPAL APP:ROLE"]
    : table(GRANTS, rows, width);
};

const life = (expiresAt: string | null, expired: boolean): string =>
  expiresAt === null ? "until it is revoked" : `${expired ? "expired" : "until"} ${second(expiresAt)}`;
