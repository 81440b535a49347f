/**
 * OIDC tokens, verified with `aws-jwt-verify`: signature by one of the provider's published keys, issuer, audience,
 * time, then the claim that names the principal. The provider's addresses come from its discovery document. Keys are
 * fetched anew after an hour, so that one which the provider has withdrawn does not count for longer, and at once for
 * a key id that isn't known yet. Nothing of a token appears in a message.
 */
import { JwtVerifier } from "aws-jwt-verify";
import {
  FetchError,
  JwkValidationError,
  JwksValidationError,
  JwtBaseError,
  WaitPeriodNotYetEndedJwkError,
} from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import type { ApiSettings } from "../api/contract";
import { ServiceFailure, type Clock } from "../runtime/collaborators";
import { isError } from "../runtime/is-error";
import { createProviderFetch, ProviderUnreachable, type ProviderFetch } from "./provider-fetch";
import { NO_TOKENS, type Tokens } from "./tokens";

export type OidcSettings = NonNullable<ApiSettings["oidc"]>;

/** By the first two letters of the algorithms that the library verifies. */
const KEY_TYPES: Readonly<Record<string, string>> = { RS: "RSA", ES: "EC", Ed: "OKP" };
/** A provider's clock may be ahead, and its tokens are used at once. */
const CLOCKS_APART_SECONDS = 60;
const KEYS_MS = 3_600_000;
/** API Gateway takes 10 KB of headers in all. */
const TOKEN_LENGTH_LIMIT = 16 * 1024;

export const createTokens = (oidc: OidcSettings | null, clock: Clock): Tokens =>
  oidc === null ? NO_TOKENS : new OidcTokens(oidc, clock);

interface Verifier {
  verify(token: string): Promise<JwtPayload>;
}

export class OidcTokens implements Tokens {
  private standing: { readonly until: number; readonly verifier: Promise<Verifier> } | undefined;

  constructor(
    private readonly oidc: OidcSettings,
    private readonly clock: Clock,
    private readonly fetch: ProviderFetch = createProviderFetch(),
  ) {}

  async principalOf(token: string): Promise<string | undefined> {
    if (token.length > TOKEN_LENGTH_LIMIT) return undefined;
    try {
      const verifier = await this.verifier();
      return principalIn(await verifier.verify(token), this.oidc.principalClaim);
    } catch (error) {
      if (isProvidersFault(error)) {
        // Neither the failure nor an address that led to it is kept: the next token asks anew.
        this.standing = undefined;
        throw this.unavailable(error);
      }
      if (error instanceof JwtBaseError || error instanceof TokenRefused || isOfCryptography(error)) return undefined;
      throw error;
    }
  }

  private verifier(): Promise<Verifier> {
    const now = this.clock.now().getTime();
    if (this.standing !== undefined && now < this.standing.until) return this.standing.verifier;
    const verifier = this.discover();
    this.standing = { until: now + KEYS_MS, verifier };
    return verifier;
  }

  /** OpenID Connect Discovery 1.0: the document must name the very issuer that it was asked of. */
  private async discover(): Promise<Verifier> {
    const { issuer, audiences } = this.oidc;
    const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const document = parseJson(await this.fetch(address)) as { issuer?: unknown; jwks_uri?: unknown } | undefined;
    if (document?.issuer !== issuer || typeof document.jwks_uri !== "string") {
      throw new ProviderUnreachable(`${address} is no discovery document of ${issuer}.`);
    }
    const fetcher = { fetch: (uri: string): Promise<ArrayBuffer> => this.fetch(uri) };
    return JwtVerifier.create(
      {
        issuer,
        audience: [...audiences],
        jwksUri: document.jwks_uri,
        // The library's own look at the time uses the machine's clock; ours is an argument, and stricter.
        graceSeconds: Infinity,
        customJwtCheck: ({ header, payload, jwk }) => this.check(header, payload, jwk.kty),
      },
      { jwksCache: new SimpleJwksCache({ fetcher }) },
    );
  }

  /** Without tolerance at its end: a token is none from the second of its expiry on. */
  private check(header: JwtHeader, payload: JwtPayload, keyType: string): void {
    const now = this.clock.now().getTime() / 1000;
    // The library compares them only where the key set names an algorithm, and the runtime goes by the key alone.
    if (KEY_TYPES[header.alg?.slice(0, 2) ?? ""] !== keyType) throw new TokenRefused("Its algorithm isn't its key's.");
    if (header["crit"] !== undefined) throw new TokenRefused("It has extensions that must be understood.");
    if (payload.exp === undefined || now >= payload.exp) throw new TokenRefused("It has expired, or never would.");
    if (payload.nbf !== undefined && now < payload.nbf - CLOCKS_APART_SECONDS)
      throw new TokenRefused("Its time has not come.");
  }

  private unavailable(cause: unknown): ServiceFailure {
    return new ServiceFailure(
      "IdentityProviderUnavailable",
      `The identity provider ${this.oidc.issuer} does not answer as it should, so tokens can't be checked for now; try again later, or sign in with a key.`,
      true,
      { cause },
    );
  }
}

/** The token itself is at fault. */
class TokenRefused extends Error {
  override name = "TokenRefused";
}

/** A key id that stays unknown is fetched at most every ten seconds; a token with it is refused until then. */
const isProvidersFault = (error: unknown): boolean =>
  !(error instanceof WaitPeriodNotYetEndedJwkError) &&
  (error instanceof ProviderUnreachable ||
    error instanceof FetchError ||
    error instanceof JwksValidationError ||
    error instanceof JwkValidationError);

/** What the runtime says of a signature that isn't of the key's kind. */
const isOfCryptography = (error: unknown): boolean =>
  isError(error) && "code" in error && typeof error.code === "string" && error.code.startsWith("ERR_");

/** An address that its owner hasn't confirmed is anybody's: such a token names nobody. */
function principalIn(payload: JwtPayload, claim: string): string | undefined {
  const name = payload[claim];
  const verified = payload["email_verified"];
  if (claim === "email" && verified !== undefined && verified !== true && verified !== "true") return undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

const parseJson = (bytes: ArrayBuffer): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
};
