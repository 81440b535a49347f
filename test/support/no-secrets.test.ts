/** The checker itself: it finds secrets in every spelling, tells where, and tells no secret. */
import { expectNoSecrets, findSecrets } from "./no-secrets";

const SECRET = 'p"ss wörd/+\n1';
const secrets = [{ name: "the database's password", value: SECRET }];
const key = `nbk_${"aB3-_".repeat(8)}abc`;

it.each<[string, string]>([
  ["as it is", SECRET],
  ["in JSON", JSON.stringify({ password: SECRET })],
  ["in JSON within JSON", JSON.stringify({ body: JSON.stringify({ password: SECRET }) })],
  ["in an address", `https://x/?q=${encodeURIComponent(SECRET)}`],
  ["in a form", new URLSearchParams({ q: SECRET }).toString()],
  ["in Base64", Buffer.from(SECRET).toString("base64")],
  ["in Base64, one byte in", Buffer.from(`u${SECRET}`).toString("base64")],
  ["in Base64 for addresses, two bytes in", Buffer.from(`u:${SECRET}:v`).toString("base64url")],
  ["in hex", Buffer.from(SECRET).toString("hex")],
])("finds a known secret %s", (_, text) => {
  expect(findSecrets({ name: "log", text: `first\nlast ${text} rest` }, secrets)).toMatchObject([
    { secret: "the database's password", log: "log", line: 2 },
  ]);
});

it.each<[string, string]>([
  ["a key", `key ${key}`],
  ["a link", `GET /backups/api/v2/links/archive-1.${"a1".repeat(20)}`],
  ["a presigned signature", `?X-Amz-Signature=${"0f".repeat(32)}`],
  ["the same, once more encoded", `%26X-Amz-Signature%3D${"0f".repeat(32)}`],
  ["session credentials", "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJr"],
  ["a token", `authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.${"s".repeat(40)}`],
  ["a password in an address", "postgres://operator:hunter2@db/orders"],
  ["the environment of a program", "PGPASSWORD=hunter2"],
  ["the same in JSON", '{"PGPASSWORD":"hunter2"}'],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
])("finds %s by its form", (_, text) => {
  expect(findSecrets({ name: "log", text }, [])).toHaveLength(1);
});

it.each([
  "postgres://operator:[redacted]@db/orders",
  "PGPASSWORD=[redacted]",
  "X-Amz-Signature=[redacted]&X-Amz-Security-Token=[redacted]",
  "GET /api/v2/links/{token}",
  "GET /api/v2/links/[redacted]",
  "Key 3f9a02c4 of operator@example.com is made at 10:00:00Z.",
  "http://127.0.0.1:8090/backups/?a=b@c",
  "the eyJ of the storm, nbk_ and no more",
])("leaves %j alone", (text) => {
  expect(() => expectNoSecrets([{ name: "log", text }], secrets)).not.toThrow();
});

it("fails with the places, and without the secrets", () => {
  const text = `one\n  two ${SECRET.replace("\n", "\\n")}\nthree ${JSON.stringify(SECRET)} ${key}`;
  const message = ((): string => {
    try {
      expectNoSecrets([{ name: "api.log", text }], secrets);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toBe(
    ["Secrets were logged:", "api.log:3:8 holds the database's password", "api.log:3:25 holds an API key"].join("\n  "),
  );
});

it("lists at most twenty places", () => {
  const text = "PGPASSWORD=hunter2\n".repeat(25);
  expect(() => expectNoSecrets([{ name: "log", text }], [])).toThrow(/log:20:1 holds .*\n {2}and 5 more$/);
});

it("refuses to look for what would be found by chance", () => {
  expect(() => expectNoSecrets([], [{ name: "the PIN", value: "1234" }])).not.toThrow();
  expect(() => expectNoSecrets([{ name: "log", text: "" }], [{ name: "the PIN", value: "1234" }])).toThrow("the PIN");
});
