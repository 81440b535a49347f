/** Who is at the other end: a server with a certificate of its own authority, through the driver, libpq and the probe. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SslMode } from "../../lambda/catalog/ssl-mode";
import { withConnection } from "../../lambda/database-task/connection";
import { connectionFailure } from "../../lambda/database-task/connection-errors";
import type { DatabaseLogin } from "../../lambda/database-task/database-login";
import { connectionString, withProgram } from "../../lambda/database-task/run-program";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { registerEnvironment, run, scenario } from "./scenario";

let folder: string;
let server: PostgresServer;
const file = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): void => {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"], cwd: folder });
};
const authority = (name: string): void =>
  openssl(
    ..."req -x509 -newkey rsa:2048 -nodes -days 2 -keyout".split(" "),
    `${name}.key`,
    ..."-out".split(" "),
    `${name}.pem`,
    "-subj",
    `/CN=${name}`,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
  chmodSync(folder, 0o755);
  authority("rds");
  authority("stranger");
  openssl(..."req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=shop".split(" "));
  writeFileSync(file("names"), "subjectAltName=DNS:localhost,DNS:shop.example.eu-central-1.rds.amazonaws.com\n");
  openssl(
    ..."x509 -req -in server.csr -CA rds.pem -CAkey rds.key -CAcreateserial -days 2 -extfile names -out server.crt".split(
      " ",
    ),
  );
  chmodSync(file("server.key"), 0o600);
  if (process.getuid?.() === 0) execFileSync("chown", ["postgres", file("server.key")]);
  server = await startPostgres({ ssl: "on", ssl_cert_file: file("server.crt"), ssl_key_file: file("server.key") });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const login = (ssl: SslMode, host: string, certificates = "rds.pem"): DatabaseLogin => ({
  host,
  port: server.port,
  database: "postgres",
  user: server.user,
  password: server.password,
  ssl,
  certificates: file(certificates),
});
const byDriver = (as: DatabaseLogin): Promise<string> =>
  withConnection(as, {}, async (client) => {
    const { rows } = await client.query<{ ssl: boolean }>(
      "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()",
    );
    return rows[0]?.ssl === true ? "encrypted" : "plain";
  }).catch((error: Error) => error.message);
const byProgram = (as: DatabaseLogin): Promise<number | null> =>
  withProgram(
    join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump"),
    ["--schema-only", "--dbname", connectionString(as, "postgres")],
    as,
    new AbortController().signal,
    async (running) => {
      running.stdout.resume();
      return (await running.ended).code;
    },
  );

test.each([
  ["verify-full", "localhost", "rds.pem", "encrypted"],
  ["verify-full", "LOCALHOST", "rds.pem", "encrypted"],
  ["require", "localhost", "stranger.pem", "encrypted"],
  ["require", "127.0.0.1", "rds.pem", "encrypted"],
  ["disable", "127.0.0.1", "rds.pem", "plain"],
] as const)("%s at %s with the authorities of %s: %s", async (ssl, host, certificates, expected) => {
  const as = login(ssl, host, certificates);
  expect(await byDriver(as)).toBe(expected);
  expect(await byProgram(as)).toBe(0);
});

test("another name for the server, such as a CNAME, is one sentence that says which names there are", async () => {
  const as = login("verify-full", "127.0.0.1");
  expect(await byDriver(as)).toBe(
    `The TLS certificate of the database server 127.0.0.1:${server.port} is for localhost, shop.example.eu-central-1.rds.amazonaws.com, not for 127.0.0.1: register the address that RDS gives the database, because a name of your own that leads there can't be verified, or register "ssl": "require".`,
  );
  expect(await byProgram(as)).not.toBe(0);
});

test("an authority that is not known is one sentence", async () => {
  const as = login("verify-full", "localhost", "stranger.pem");
  expect(await byDriver(as)).toMatch(
    /^The TLS certificate of the database server localhost:\d+ is signed by an authority that the task's image doesn't know \(.+\): renew the image \(npm run build-image, then deploy\) if it is a server of Amazon RDS, else register "ssl": "require"\.$/,
  );
  expect(await byProgram(as)).not.toBe(0);
});

test.each([
  ["CERT_HAS_EXPIRED", /is not valid at this time \(no\): rotate it/],
  ["CERT_NOT_YET_VALID", /is not valid at this time/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /signed by an authority/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /signed by an authority/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /is for another name, not for localhost/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", /isn't accepted \(no\); check the registered host and TLS setting/],
])("%s: what to do", (code, sentence) => {
  const failure = connectionFailure(Object.assign(new Error("no"), { code }), login("verify-full", "localhost"), "x");
  expect(failure).toMatchObject({ code: "CertificateRefused", retryable: false });
  expect(failure.message).toMatch(sentence);
});

test("the image verifies with the authorities of RDS, and those of Amazon that sign for RDS Proxy", () => {
  const dockerfile = readFileSync(join(__dirname, "..", "..", "lambda", "database-task", "Dockerfile"), "utf8");
  const [, bundle = "none"] = /PGSSLROOTCERT=(\S+)/.exec(dockerfile) ?? [];
  expect(dockerfile).toMatch(
    new RegExp(`^ADD .*https://truststore\\.pki\\.rds\\.amazonaws\\.com/global/global-bundle\\.pem ${bundle}$`, "m"),
  );
  expect(dockerfile).toMatch(new RegExp(`^RUN cat \\S+/Amazon_Root_CA_\\*\\.crt >> ${bundle} `, "m"));
});

test("the probe says it of a registered alias, and nothing of the address that the certificate names", async () => {
  const findings = async (host: string): Promise<readonly string[]> => {
    const on = scenario(server, { certificates: file("rds.pem") });
    await registerEnvironment(on, "env", "postgres", {
      database: { instance: "shop", host, ssl: undefined, secret: "superuser" },
      files: { source: { kind: "listing" } },
    });
    await run(on, "probe", "env");
    return (await on.catalog.getEnvironment("env"))?.probe?.findings ?? [];
  };
  expect(await findings("127.0.0.1")).toEqual([expect.stringMatching(/is for localhost, .* not for 127\.0\.0\.1/)]);
  expect(await findings("localhost")).toEqual([]);
});
