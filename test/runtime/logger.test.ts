import { createLogger, type LineWriter } from "../../lambda/runtime/logger";

const written = (): { writer: LineWriter; text: () => string } => {
  const lines: unknown[] = [];
  const take = (message: string, details: Record<string, unknown>): void => void lines.push({ message, details });
  return { writer: { info: take, warn: take, error: take }, text: () => JSON.stringify(lines) };
};

describe("the logger never writes a secret", () => {
  test.each<[string, string, Record<string, unknown>]>([
    ["a password in the details", "m", { password: "hunter2" }],
    ["deep in the details", "m", { a: [{ database: { PGPASSWORD: "hunter2" } }] }],
    ["a secret string", "m", { SecretString: '{"password":"hunter2"}' }],
    ["a token", "m", { leaseToken: "hunter2", sessionToken: "hunter2" }],
    ["an address in the message", "postgres://user:hunter2@host/db", {}],
    ["an address in the details", "m", { url: "postgres://user:hunter2@host/db" }],
    ["an address with odd characters", "m", { url: "postgres://user:hun/ter2:hunter2@host/db" }],
    ["a connection string", "host=h password=hunter2 user=u", {}],
    ["a quoted one", "host=h password='hunter2 x'", {}],
    ["a presigned address", "m", { url: "https://b/k?X-Amz-Signature=hunter2&x=1" }],
    ["an API key", "the key nbk_hunter2 is unknown", { headers: { "Mendix-ApiKey": "nbk_hunter2" } }],
    ["a link", "GET /api/v2/links/archive-1.hunter2?x=1", { path: "https://x/backups/api/v2/links/a.hunter2" }],
    ["a signed token", "m", { header: "Bearer eyJhbGciOiJSUzI1NiJ9.eyJhunter2.hunter2" }],
    ["an error's message", "m", { error: new Error("password=hunter2") }],
    ["an error's cause", "m", { error: new Error("m", { cause: new Error("postgres://u:hunter2@h/d") }) }],
    ["what hangs on an error", "m", { error: Object.assign(new Error("m"), { config: { x: "hunter2" } }) }],
  ])("%s", (_name, message, details) => {
    const { writer, text } = written();
    const log = createLogger("test", writer);
    log.info(message, details);
    log.warn(message, details);
    log.error(message, details);
    expect(text()).not.toContain("hunter2");
    expect(JSON.parse(text())).toHaveLength(3);
  });
  test("everything else is written", () => {
    const { writer, text } = written();
    createLogger("test", writer).info("Sealed.", {
      snapshotId: "s",
      count: 3,
      none: null,
      at: new Date(0),
      keys: ["a"],
      error: new Error("why"),
    });
    expect(JSON.parse(text())).toMatchObject([
      {
        message: "Sealed.",
        details: {
          snapshotId: "s",
          count: 3,
          none: null,
          at: "1970-01-01T00:00:00.000Z",
          keys: ["a"],
          error: { name: "Error", message: "why" },
        },
      },
    ]);
  });
  test("what refers to itself ends", () => {
    const { writer, text } = written();
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    createLogger("test", writer).info("m", loop);
    expect(text()).toContain("…");
  });
});
