/** OIDC tokens against a provider on loopback, with keys made here. */
import { createProviderFetch } from "../../lambda/access/provider-fetch";
import { OidcTokens, createTokens } from "../../lambda/access/tokens-client";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { FakeClock } from "../support/collaborators";
import { hmacToken, IdentityProvider, newSigningKey, signedToken } from "../support/identity-provider";

const NOW = new Date("2026-12-05T10:00:00Z");
const SECONDS = NOW.getTime() / 1000;
const [first, second, strange] = [newSigningKey("first"), newSigningKey("second"), newSigningKey("first")];

let provider: IdentityProvider;
let clock: FakeClock;
let tokens: OidcTokens;
const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: provider.issuer,
  aud: "backups",
  exp: SECONDS + 600,
  iat: SECONDS,
  sub: "7f3a",
  email: "operator@example.com",
  email_verified: true,
  ...more,
});
const token = (more: Record<string, unknown> = {}, key = first, header = {}): string =>
  signedToken({ claims: claims(more), key, header });
const open = (principalClaim = "email"): OidcTokens =>
  new OidcTokens({ issuer: provider.issuer, audiences: ["other", "backups"], principalClaim }, clock);

beforeAll(async () => {
  provider = await IdentityProvider.start();
});
afterAll(() => provider.stop());
beforeEach(() => {
  provider.published.splice(0, Infinity, first);
  provider.asked.length = 0;
  provider.fault = undefined;
  provider.document = {};
  provider.keyFields = { alg: "RS256", use: "sig" };
  clock = new FakeClock(NOW);
  tokens = open();
});

it("a valid token names its principal, by the configured claim", async () => {
  expect(await tokens.principalOf(token())).toBe("operator@example.com");
  expect(await tokens.principalOf(token({ aud: ["none", "backups"] }))).toBe("operator@example.com");
  expect(await tokens.principalOf(token({ nbf: SECONDS + 60 }))).toBe("operator@example.com");
  expect(await tokens.principalOf(token({ email_verified: undefined }))).toBe("operator@example.com");
  expect(await open("sub").principalOf(token({ email_verified: false }))).toBe("7f3a");
});

it("the provider is asked once, and again after an hour", async () => {
  await Promise.all([tokens.principalOf(token()), tokens.principalOf(token())]);
  await tokens.principalOf(token());
  expect(provider.asked).toEqual(["/people/.well-known/openid-configuration", "/people/keys"]);
  clock.advance(3_599_999);
  await tokens.principalOf(token({ exp: SECONDS + 10_000 }));
  expect(provider.asked).toHaveLength(2);
  // A key that the provider has withdrawn counts no longer.
  provider.published.splice(0, 1, second);
  clock.advance(1);
  expect(await tokens.principalOf(token({ exp: SECONDS + 10_000 }))).toBeUndefined();
  expect(provider.asked).toHaveLength(4);
});

it("a new key of the provider counts at once", async () => {
  await tokens.principalOf(token());
  provider.published.push(second);
  expect(await tokens.principalOf(token({}, second))).toBe("operator@example.com");
});

describe("refused, without a word why:", () => {
  it.each<[string, () => string]>([
    ["no token", () => "nothing"],
    ["an empty one", () => ""],
    ["one that is cut off", () => token().slice(0, -5)],
    ["three words", () => "a.b.c"],
    ["a body that isn't JSON", () => `${token().split(".")[0]}.bm9uZQ.AAAA`],
    ["another key under a published id", () => token({}, strange)],
    ["an unknown key", () => token({}, second)],
    ["no key id", () => token({}, first, { kid: undefined })],
    ["algorithm none", () => token({}, first, { alg: "none" })],
    ["no signature and algorithm none", () => token({}, first, { alg: "none" }).replace(/[^.]+$/, "")],
    ["the published key as a shared secret", () => hmacToken({ claims: claims(), key: first })],
    ["an algorithm of another family", () => token({}, first, { alg: "ES256" })],
    ["a changed body", () => swapBody(token(), claims({ email: "stranger@example.com" }))],
    ["another issuer", () => token({ iss: "https://elsewhere.example" })],
    ["no issuer", () => token({ iss: undefined })],
    ["another audience", () => token({ aud: "shop" })],
    ["no audience", () => token({ aud: undefined })],
    ["no expiry", () => token({ exp: undefined })],
    ["an expiry that is no number", () => token({ exp: "tomorrow" })],
    ["not yet", () => token({ nbf: SECONDS + 61 })],
    ["extensions that must be understood", () => token({}, first, { crit: ["b64"], b64: false })],
    ["an address that its owner hasn't confirmed", () => token({ email_verified: false })],
    ["the same as a word", () => token({ email_verified: "false" })],
    ["no principal", () => token({ email: undefined })],
    ["a principal that is no text", () => token({ email: ["operator@example.com"] })],
    ["an empty principal", () => token({ email: "" })],
    ["far too long", () => token({ more: "x".repeat(20_000) })],
  ])("%s", async (_, make) => {
    expect(await tokens.principalOf(make())).toBeUndefined();
  });
  it.each(["ES256", "EdDSA", "none", "HS256"])("algorithm %s where the key set names none", async (alg) => {
    provider.keyFields = {};
    expect(await tokens.principalOf(token({}, first, { alg }))).toBeUndefined();
    expect(await tokens.principalOf(token())).toBe("operator@example.com");
  });
  it("from the second of its expiry on", async () => {
    const short = token({ exp: SECONDS + 60, nbf: SECONDS });
    clock.set(new Date(NOW.getTime() + 59_999));
    expect(await tokens.principalOf(short)).toBe("operator@example.com");
    clock.set(new Date(NOW.getTime() + 60_000));
    expect(await tokens.principalOf(short)).toBeUndefined();
  });
  it("every token, where only keys sign in", async () => {
    expect(await createTokens(null, clock).principalOf(token())).toBeUndefined();
    expect(provider.asked).toEqual([]);
  });
});

describe("a provider that does not answer as it should is nobody's refusal:", () => {
  const failure = async (): Promise<ServiceFailure> => {
    const error: unknown = await tokens.principalOf(token()).catch((caught: unknown) => caught);
    if (!(error instanceof ServiceFailure)) throw new Error("It should have failed.");
    return error;
  };
  it.each<[string, (provider: IdentityProvider) => void]>([
    ["an error", (at) => (at.fault = (_, response) => response.writeHead(500).end())],
    ["a broken connection", (at) => (at.fault = (request) => request.socket.destroy())],
    ["no JSON", (at) => (at.fault = (_, response) => response.end("<html>"))],
    ["far too much", (at) => (at.document = { padding: "x".repeat(600_000) })],
    ["a redirect", (at) => (at.fault = redirectTo(at))],
    ["another issuer's document", (at) => (at.document = { issuer: "https://elsewhere.example" })],
    ["no key set", (at) => (at.document = { jwks_uri: undefined })],
    ["a key set without TLS elsewhere", (at) => (at.document = { jwks_uri: "http://elsewhere.example/keys" })],
    ["a key set that is no address", (at) => (at.document = { jwks_uri: "keys" })],
    ["a damaged key set", (at) => (at.keyFields = { kty: 3 })],
  ])("%s", async (_, break_) => {
    break_(provider);
    const { code, retryable, message } = await failure();
    expect({ code, retryable }).toEqual({ code: "IdentityProviderUnavailable", retryable: true });
    expect(message).toContain(provider.issuer);
    // And nothing of it is kept.
    [provider.fault, provider.document, provider.keyFields] = [undefined, {}, {}];
    expect(await tokens.principalOf(token())).toBe("operator@example.com");
  });
  it("an answer that never comes, after the time it is given", async () => {
    provider.fault = () => undefined;
    tokens = new OidcTokens(
      { issuer: provider.issuer, audiences: ["backups"], principalClaim: "sub" },
      clock,
      createProviderFetch(100),
    );
    await failure();
    expect(provider.asked).toHaveLength(1);
  });
});

/** The discovery document alone, to where the right one stands. */
const redirectTo =
  (at: IdentityProvider): NonNullable<IdentityProvider["fault"]> =>
  (request, response) => {
    if (request.url?.includes("?") === true) {
      response.end(JSON.stringify({ issuer: at.issuer, jwks_uri: `${at.issuer}/keys` }));
      at.fault = undefined;
    } else {
      response.writeHead(302, { location: `${request.url}?again` }).end();
    }
  };

it.each(["http://elsewhere.example/", "ftp://127.0.0.1/", "file:///etc/hostname", "keys", ""])(
  "%j is not even asked",
  async (address) => {
    await expect(createProviderFetch()(address)).rejects.toThrow(`${address} is no https address.`);
  },
);

const swapBody = (text: string, body: unknown): string => {
  const [head, , signature] = text.split(".");
  return `${head}.${Buffer.from(JSON.stringify(body)).toString("base64url")}.${signature}`;
};
