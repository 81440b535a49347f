/** The API with a real provider's tokens: roles as with keys, and no token in any log. */
import { OidcTokens } from "../../lambda/access/tokens-client";
import { createApiWorld, type ApiWorld, PRODUCTION } from "../support/api-world";
import { IdentityProvider, newSigningKey, signedToken } from "../support/identity-provider";
import { expectNoSecrets } from "../support/no-secrets";

const ENVIRONMENT = `/api/v2/apps/shop/environments/${PRODUCTION}`;
const key = newSigningKey("one");

let provider: IdentityProvider;
let world: ApiWorld;
let sent: string[];
const token = (email: string, more: Record<string, unknown> = {}): string => {
  const exp = world.fakes.clock.now().getTime() / 1000 + 600;
  const made = signedToken({ key, claims: { iss: provider.issuer, aud: "backups", exp, email, ...more } });
  sent.push(made);
  return made;
};
const ask = async (path: string, bearer: string, method = "GET"): Promise<{ status: number; text: string }> => {
  const response = await world.api.request(
    path,
    { method, headers: { authorization: `Bearer ${bearer}` } },
    { base: "http://127.0.0.1/backups", requestId: "r" },
  );
  return { status: response.status, text: await response.text() };
};

beforeAll(async () => {
  provider = await IdentityProvider.start();
  provider.published.push(key);
});
afterAll(() => provider.stop());
beforeEach(async () => {
  [sent, provider.fault] = [[], undefined];
  const oidc = { issuer: provider.issuer, audiences: ["backups"], principalClaim: "email" };
  world = await createApiWorld({ change: ({ clock }) => ({ tokens: new OidcTokens(oidc, clock) }) });
});
afterEach(() => {
  const logs = [{ name: "the API's log", text: JSON.stringify(world.fakes.log.lines) }];
  expectNoSecrets(
    logs,
    sent.map((value) => ({ name: "a token", value })),
  );
});

it("a token has the roles of the principal that it names", async () => {
  expect((await ask(ENVIRONMENT, token("reader"))).status).toBe(200);
  expect(await ask(`${ENVIRONMENT}/snapshots`, token("reader"), "POST")).toMatchObject({
    status: 403,
    text: expect.stringContaining("NO_ACCESS"),
  });
  const me = await ask("/api/v2/me", token("reader"));
  expect(me).toMatchObject({ status: 200, text: expect.stringContaining('"reader"') });
});

it("to somebody unknown an environment looks like one that doesn't exist", async () => {
  const known = await ask(ENVIRONMENT, token("stranger@example.com"));
  const absent = await ask(ENVIRONMENT.replace(PRODUCTION, "none"), token("admin"));
  expect(known.status).toBe(404);
  expect(known.text).toBe(absent.text.replace("none", PRODUCTION));
});

it("whatever is wrong with a token, the answer is the same as without one", async () => {
  const without = await ask(ENVIRONMENT, "");
  expect(without.status).toBe(403);
  for (const wrong of ["x", token("reader", { aud: "other" }), token("reader", { exp: 1 }), `${token("reader")}x`]) {
    expect(await ask(ENVIRONMENT, wrong)).toEqual(without);
  }
});

it("while the provider does not answer, nobody is told that the token is wrong", async () => {
  provider.fault = (_, response) => response.writeHead(503).end();
  const answer = await ask(ENVIRONMENT, token("reader"));
  expect(answer).toMatchObject({ status: 500, text: expect.stringContaining("SERVICE_UNAVAILABLE") });
  provider.fault = undefined;
  expect((await ask(ENVIRONMENT, token("reader"))).status).toBe(200);
});
