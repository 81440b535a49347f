/**
 * Presigned URLs, judged as S3 does: the signature covers method, object and parameters, and time runs by the
 * simulated clock, with which the functions sign. So a link is for one object, and ends when it says.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What every role of the run signs with; the key id tells them apart. */
export const ROLE_SECRET = "local";

export class PresignedRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 403,
  ) {
    super(message);
  }
}

/** Of a session that was assumed, as `sts-service.ts` gives them. Others have no end. */
export const sessionToken = (ends: Date): string => `until-${ends.getTime()}`;
const endOf = (token: string | null): number => Number(/^until-(\d+)$/.exec(token ?? "")?.[1] ?? Infinity);

/** Seven days: S3 signs nothing for longer. */
const LONGEST_SECONDS = 604_800;

export const isPresigned = ({ url = "" }: IncomingMessage): boolean => /[?&]X-Amz-Signature=/.test(url);

/** Throws PresignedRefused for what S3 would refuse. */
export const checkPresigned = ({ url = "", method = "GET", headers }: IncomingMessage, now: Date): void => {
  const mark = url.indexOf("?");
  const query = new URLSearchParams(url.slice(mark));
  const given = (name: string): string => query.get(`X-Amz-${name}`) ?? "";
  const begin = Date.parse(given("Date").replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const seconds = Number(given("Expires"));
  const [, date = "", region = "", service = ""] = given("Credential").split("/");
  if (given("Algorithm") !== "AWS4-HMAC-SHA256" || Number.isNaN(begin) || !(seconds > 0 && seconds <= LONGEST_SECONDS))
    throw new PresignedRefused("AuthorizationQueryParametersError", "The query's signature is not complete.", 400);
  if (now.getTime() > begin + seconds * 1000) throw new PresignedRefused("AccessDenied", "Request has expired");
  if (now.getTime() >= endOf(query.get("X-Amz-Security-Token")))
    throw new PresignedRefused("ExpiredToken", "The provided token has expired.", 400);
  const signedHeaders = given("SignedHeaders");
  const parameters = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .toSorted();
  const canonical = [
    method,
    url.slice(0, mark),
    parameters.join("&"),
    ...signedHeaders.split(";").map((name) => `${name}:${String(headers[name] ?? "").trim()}`),
    "",
    signedHeaders,
    query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const steps = [date, region, service, "aws4_request"];
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${ROLE_SECRET}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", given("Date"), scope, hash].join("\n"));
  const claimed = Buffer.from(given("Signature"), "hex");
  if (claimed.length !== signature.length || !timingSafeEqual(claimed, signature))
    throw new PresignedRefused(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
