/** An OIDC provider on loopback: discovery document, key set, and tokens signed with keys that it publishes or not. */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
export const newSigningKey = (kid: string): SigningKey => ({
  kid,
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }),
});

export interface TokenShape {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly key: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = ({ claims, key, header }: TokenShape): string =>
  `${encoded({ alg: "RS256", typ: "JWT", kid: key.kid, ...header })}.${encoded(claims)}`;

export const signedToken = (shape: TokenShape): string => {
  const text = unsigned(shape);
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), shape.key.privateKey).toString("base64url")}`;
};
/** Signed with the published key as if it were a shared secret. */
export const hmacToken = (shape: TokenShape): string => {
  const text = unsigned({ ...shape, header: { ...shape.header, alg: "HS256" } });
  const secret = shape.key.publicKey.export({ type: "spki", format: "pem" });
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
};

export class IdentityProvider {
  /** Those that the key set names. */
  readonly published: SigningKey[] = [];
  readonly asked: string[] = [];
  /** Answers in place of the usual ones; throw away to be well again. */
  fault: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** What the discovery document says instead. */
  document: Readonly<Record<string, unknown>> = {};
  /** Laid over each published key. */
  keyFields: Readonly<Record<string, unknown>> = { alg: "RS256", use: "sig" };

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async start(): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const provider = new IdentityProvider(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/people`);
    server.on("request", (request, response) => provider.answer(request, response));
    return provider;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.url ?? "");
    if (this.fault !== undefined) return this.fault(request, response);
    if (request.url === "/people/.well-known/openid-configuration") {
      response.end(JSON.stringify({ issuer: this.issuer, jwks_uri: `${this.issuer}/keys`, ...this.document }));
    } else if (request.url === "/people/keys") {
      response.end(JSON.stringify({ keys: this.published.map((key) => this.publicForm(key)) }));
    } else {
      response.writeHead(404).end();
    }
  }

  private publicForm({ kid, publicKey }: SigningKey): unknown {
    return { ...publicKey.export({ format: "jwk" }), kid, ...this.keyFields };
  }
}
