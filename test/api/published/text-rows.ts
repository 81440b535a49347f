/** Text that no store keeps as it came, wherever text is taken: refused, with nothing changed. */
import { ACCEPTANCE, PRODUCTION } from "../../support/api-world";
import { environmentPath } from "../api-client";
import { LIST, NIGHTLY, ON_DEMAND, refused, RESTORES, type Row } from "./row";

const BASE = environmentPath(PRODUCTION);
/** As JSON spells it: half of a surrogate pair, first and second; a pair the wrong way round; and U+0000. */
const BROKEN = ["\\ud800", "before\\udc00after", "\\udc00\\ud800", "nul\\u0000"];
const right = refused(400, "INVALID_PARAMETERS", /half of a surrogate pair|U\+0000/);

const BODIES: readonly (readonly [method: "POST" | "PUT", path: string, body: (text: string) => string])[] = [
  ["POST", LIST, (text) => `{"comment":"${text}"}`],
  ["POST", LIST, (text) => `{"comment":"fine","${text}":1}`],
  ["POST", LIST, (text) => `{"comment":"fine","tags":[{"deep":["${text}"]}]}`],
  ["PUT", `${LIST}/${ON_DEMAND}`, (text) => `{"comment":"${text}"}`],
  ["POST", `${BASE}/uploads`, (text) => `{"file_name":"${text}.tar.gz","size":10}`],
  ["POST", `${BASE}/uploads`, (text) => `{"file_name":"a.tar.gz","size":10,"comment":"${text}"}`],
  ["POST", `${BASE}/started`, (text) => `{"model_version":"${text}"}`],
  ["POST", `${BASE}/drills`, (text) => `{"snapshot_id":"${text}"}`],
  ["PUT", BASE, (text) => `{"environmentId":"${text}","appId":"shop"}`],
  ["PUT", BASE, (text) => `{"environmentId":"${PRODUCTION}","appId":"shop","database":{"host":"${text}"}}`],
  ["PUT", `${LIST}/${NIGHTLY}/keep-until`, (text) => `{"until":"${text}"}`],
];
/** UTF-8 of half a pair, a byte that begins nothing, an overlong form, a code beyond the last, and U+0000. */
const ESCAPES = ["%ED%A0%80", "%ff", "%C0%AF", "%F5%80%80%80", "%00", "fine%00"];
const ADDRESSES: readonly (readonly [method: Row["method"], path: (text: string) => string])[] = [
  ["POST", (text) => `${RESTORES}?source_snapshot_id=${text}`],
  ["POST", (text) => `${environmentPath(ACCEPTANCE)}/restore-plans?source_snapshot_id=${text}`],
  ["GET", (text) => `${LIST}/${text}`],
  ["DELETE", (text) => `${LIST}/${text}`],
  ["GET", (text) => `${LIST}/${NIGHTLY}/archives/${text}`],
  ["GET", (text) => `${RESTORES}/${text}`],
  ["GET", (text) => environmentPath(text)],
  ["GET", (text) => `${environmentPath(PRODUCTION, text)}/snapshots`],
];

export const TEXT_ROWS: readonly Row[] = [
  ...BODIES.flatMap(([method, path, body]) =>
    BROKEN.map((text): Row => ({
      name: `${method} ${path} ${body(text)}`,
      method,
      path,
      options: { body: body(text) },
      right,
    })),
  ),
  ...ADDRESSES.flatMap(([method, path]) =>
    ESCAPES.map((text): Row => ({
      name: `${method} ${path(text)}`,
      method,
      path: path(text),
      right: refused(400, "INVALID_PARAMETERS", /no UTF-8|U\+0000/),
    })),
  ),
  // Parameters with words of their own answer as to any other that is none of theirs.
  ...ESCAPES.flatMap((text): Row[] => [
    {
      name: `acknowledges no ${text}`,
      method: "POST",
      path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=${text}`,
      right: refused(400, "INVALID_PARAMETERS"),
    },
    {
      name: `no boolean ${text}`,
      method: "POST",
      path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&db_only=${text}`,
      right: refused(400, "INVALID_PARAMETERS"),
    },
    {
      name: `no limit ${text}`,
      method: "GET",
      path: `${LIST}?limit=${text}`,
      right: refused(400, "INVALID_PARAMETERS"),
    },
  ]),
  {
    name: "whole pairs are text like any other",
    method: "POST",
    path: LIST,
    options: { body: String.raw`{"comment":"\ud83d\ude00 100% – ü"}` },
    right: { status: 200, values: { comment: "\u{1f600} 100% – ü" } },
  },
];
