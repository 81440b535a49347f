/** What is published of every call alike: who may, and which environment. */
import type { Row } from "./row";
import { LIST, NIGHTLY, refused, RESTORES } from "./row";

const CALLS: readonly Pick<Row, "method" | "path" | "options">[] = [
  { method: "GET", path: LIST },
  { method: "POST", path: LIST, options: { body: { comment: "x" } } },
  { method: "GET", path: `${LIST}/${NIGHTLY}` },
  { method: "PUT", path: `${LIST}/${NIGHTLY}`, options: { body: { comment: "x" } } },
  { method: "DELETE", path: `${LIST}/${NIGHTLY}` },
  { method: "POST", path: `${LIST}/${NIGHTLY}/archives?data_type=database_only` },
  { method: "GET", path: `${LIST}/${NIGHTLY}/archives/unknown` },
  { method: "POST", path: `${RESTORES}?source_snapshot_id=${NIGHTLY}` },
  { method: "GET", path: `${RESTORES}/unknown` },
];
const elsewhere = (path: string): string => path.replace(/shop-(production|acceptance)/, "shop-nowhere");

export const COMMON_ROWS: readonly Row[] = CALLS.flatMap((call): Row[] => {
  const name = `${call.method} ${call.path}`;
  return [
    { ...call, name: `${name}, without signing in`, as: null, right: refused(403, "NO_ACCESS") },
    {
      ...call,
      name: `${name}, with a wrong key`,
      as: null,
      options: { ...call.options, headers: { "Mendix-Username": "owner", "Mendix-ApiKey": "wrong" } },
      right: refused(403, "NO_ACCESS"),
    },
    // On purpose: who has no role on an app does not learn what it has (docs/api.md).
    { ...call, name: `${name}, without any role`, as: "banker", right: refused(404, "ENVIRONMENT_NOT_FOUND") },
    {
      ...call,
      name: `${name}, of an unknown environment`,
      path: elsewhere(call.path),
      right: refused(404, "ENVIRONMENT_NOT_FOUND"),
    },
    ...(call.method === "GET"
      ? []
      : [{ ...call, name: `${name}, with a role that only reads`, as: "reader", right: refused(403, "NO_ACCESS") }]),
  ];
});
