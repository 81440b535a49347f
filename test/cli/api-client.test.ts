/** How the API is asked: address, sign-in, repetitions, failures as sentences, and no key in any of them. */
import { readFileSync } from "node:fs";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { PRODUCTION } from "../support/api-world";
import { expectNoSecrets } from "../support/no-secrets";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";
import { NOTHING_ELSE } from "./cli-fixture";

const KEY = "nbk_a-key-that-must-appear-nowhere-0123456789";
const URL_GIVEN = "https://backups.example/backups";

describe("address and sign-in", () => {
  let out: string[];
  let err: string[];
  let asked: { url: string; headers: Headers; redirect: string | undefined }[];
  const run = (variables: Record<string, string>, ...args: string[]): Promise<number> => {
    [out, err, asked] = [[], [], []];
    const surroundings: Surroundings = {
      ...NOTHING_ELSE,
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      variables,
      fetch: async (input, init) => {
        asked.push({ url: new Request(input).url, headers: new Headers(init?.headers), redirect: init?.redirect });
        return Response.json({ name: "operator", grants: [] });
      },
    };
    return runCommandLine(args, surroundings);
  };
  const KEYS = { BACKUPS_USERNAME: "operator", BACKUPS_API_KEY: KEY };
  afterEach(() =>
    expectNoSecrets([{ name: "output", text: [...out, ...err].join("\n") }], [{ name: "key", value: KEY }]),
  );

  it.each([
    ["https://backups.example/backups", "https://backups.example/backups/api/v2/me"],
    ["https://backups.example/backups/", "https://backups.example/backups/api/v2/me"],
    ["https://backups.example/backups/api/v2", "https://backups.example/backups/api/v2/me"],
    ["https://api.example", "https://api.example/backups/api/v2/me"],
    ["https://api.example/", "https://api.example/backups/api/v2/me"],
    ["https://api.example/api/v2", "https://api.example/api/v2/me"],
    ["https://api.example/backups/api/v2/", "https://api.example/backups/api/v2/me"],
    ["https://api.example/backups/api/v2/me", "https://api.example/backups/api/v2/me"],
    ["https://api.example/backups?stage=a#top", "https://api.example/backups/api/v2/me"],
    ["https://api.example/backups/apps/shop/environments/api", "https://api.example/backups/api/v2/me"],
    ["https://api.example/team/backups//", "https://api.example/team/backups/api/v2/me"],
    ["https://api.example/other", "https://api.example/other/api/v2/me"],
    ["HTTPS://API.example:8443", "https://api.example:8443/backups/api/v2/me"],
    ["http://127.0.0.1:8090/backups", "http://127.0.0.1:8090/backups/api/v2/me"],
  ])("%s is asked at %s", async (given, expected) => {
    expect(await run(KEYS, "me", "--url", given)).toBe(0);
    expect(asked.map(({ url }) => url)).toEqual([expected]);
  });
  it.each([
    ["backups.example", "is no URL"],
    ["http://backups.example/backups", "must begin with https://"],
    ["https://operator:word@backups.example", "holds a user or password"],
    ["localhost:8090/backups", "must begin with https://"],
    ["//backups.example/backups", "must begin with https://"],
    ["https:backups.example", "must begin with https://"],
    ["https://backups.example/backups ", "holds spaces"],
    ["https://back ups.example", "holds spaces"],
    ["https://backups.example\n/backups", "holds spaces or line breaks"],
    ['"https://backups.example/backups"', "is no URL"],
    ["https://", "is no URL"],
    ["https://backups.example:99999", "is no URL"],
    ["http://localhost.example.com/backups", "must begin with https://"],
    ["ftp://backups.example", "must begin with https://"],
  ])("%s is refused", async (given, reason) => {
    expect(await run(KEYS, "me", "--url", given)).toBe(2);
    expect(err).toEqual([expect.stringContaining(reason)]);
    expect(asked).toEqual([]);
  });
  it("signs in with a key, or with a token", async () => {
    await run({ ...KEYS, BACKUPS_TOKEN: "token", BACKUPS_URL: URL_GIVEN }, "me");
    expect(asked[0]?.headers.get("mendix-username")).toBe("operator");
    expect(asked[0]?.headers.get("mendix-apikey")).toBe(KEY);
    expect(asked[0]?.headers.has("authorization")).toBe(false);
    expect(asked[0]?.redirect).toBe("manual");
    await run({ BACKUPS_TOKEN: "token", BACKUPS_URL: URL_GIVEN }, "me");
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer token");
  });
  it("says what is missing, or can't be sent, without showing it", async () => {
    expect(await run({}, "me", "--url", URL_GIVEN)).toBe(2);
    expect(err).toEqual([
      `To ask ${URL_GIVEN}, set the environment variables BACKUPS_USERNAME and BACKUPS_API_KEY, or BACKUPS_TOKEN.`,
    ]);
    expect(await run({ ...KEYS, BACKUPS_API_KEY: `${KEY}\n` }, "me", "--url", URL_GIVEN)).toBe(2);
    expect(err[0]).toContain("BACKUPS_API_KEY holds characters that can't be sent");
    expect(asked).toEqual([]);
  });
  it.each([
    ["me"],
    ["regions"],
    ["environments"],
    ["calendar", "e"],
    ["snapshot", "e", "s"],
    ["comment", "e", "s", "text"],
    ["download", "e", "s"],
    ["uploads", "e"],
    ["abort-upload", "e", "u"],
    ["plan", "s", "--into", "e"],
    ["restores", "e"],
  ])("%s needs an address, and says so", async (...args) => {
    expect(await run({}, ...args)).toBe(2);
    expect(err).toEqual([
      expect.stringMatching(`^"backups ${args[0]}" asks the API: set BACKUPS_URL .*BACKUPS_API_KEY.*AWS credentials`),
    ]);
  });
  it("every command has an example in its help, and stands in the documentation", async () => {
    const commands: string[] = [];
    const documented = readFileSync("docs/command-line.md", "utf8");
    expect(await run({}, "--help")).toBe(0);
    for (const [, name = ""] of out.join("\n").matchAll(/^ {2}([a-z][a-z-]*) (?:\[options\] )?[<[\w]/gm))
      commands.push(name);
    expect(commands.length).toBeGreaterThan(20);
    for (const name of commands.filter((one) => !["help", "npx", "keys", "grants"].includes(one))) {
      expect(await run({}, name, "--help")).toBe(0);
      expect(out.join("\n")).toMatch(new RegExp(`npx backups ${name}\\b`));
      expect(documented).toMatch(new RegExp(`\`npx backups ${name}[ \`]`));
    }
  });
});

describe("repetitions", () => {
  let line: ApiCommandLine;
  let keys: (string | null)[];
  beforeEach(async () => {
    line = await startApiCommandLine();
    keys = [];
  });
  afterEach(() => line.close());
  /** Answers to the first requests, in order; "lost": the request takes effect, its answer doesn't arrive. */
  const failing = (...faults: (number | "lost" | "refused")[]): void => {
    line.fetch = async (input, init) => {
      keys.push(new Headers(init?.headers).get("idempotency-key"));
      const fault = faults.shift();
      if (typeof fault === "number") return new Response("", { status: fault });
      if (fault === "refused") throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
      const answer = await fetch(input, init);
      if (fault === "lost") throw new TypeError(`lost the answer to ${line.world.keyOf("admin")}`);
      return answer;
    };
  };

  it("passing failures are waited out, with growing pauses", async () => {
    const before = line.world.fakes.clock.now().getTime();
    failing(500, 429, "refused", 503);
    expect(await line.run("me")).toBe(0);
    expect(line.world.fakes.clock.now().getTime() - before).toBe(500 + 1000 + 2000 + 4000);
  });
  it("a POST whose answer is lost is the same request when it is sent again", async () => {
    failing("lost", "lost");
    expect(await line.run("backup", PRODUCTION, "--app", "shop")).toBe(0);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(line.world.fakes.workflows.started).toHaveLength(1);
  });
  it("a DELETE whose answer is lost has deleted", async () => {
    failing("lost");
    const snapshot = "10000000-0000-8000-8000-000000000001";
    expect(await line.run("delete", PRODUCTION, snapshot, "--yes", "--app", "shop")).toBe(0);
  });
  it("ends with a sentence when the API stays away, whatever the failure's own words", async () => {
    failing("refused", "refused", "refused", "refused", "refused");
    expect(await line.run("me")).toBe(1);
    failing("lost", "lost", "lost", "lost", "lost");
    expect(await line.run("me")).toBe(1);
    failing(502, 502, 502, 502, 502);
    expect(await line.run("me")).toBe(1);
    const { address } = line.server;
    expect(line.err).toEqual([
      `${address} can't be reached (ECONNREFUSED); check the address and your network.`,
      `${address} can't be reached (the connection failed); check the address and your network.`,
      `${address} answered 502 without the API's own error; check the address.`,
    ]);
  });
  it("what the API refuses is not asked again, and told in its own words", async () => {
    line.variables = { BACKUPS_API_KEY: KEY };
    failing();
    expect(await line.run("me")).toBe(1);
    expect(keys).toHaveLength(1);
    expect(line.err[0]).toContain("You are not signed in");
  });
  it("refusals before the API, and answers of something else, are told apart", async () => {
    line.fetch = async () => Response.json({ message: "Forbidden" }, { status: 403 });
    expect(await line.run("me")).toBe(1);
    line.fetch = async () => new Response("<html>", { status: 200 });
    expect(await line.run("me")).toBe(1);
    line.fetch = async () => new Response("", { status: 302, headers: { location: "https://elsewhere.example" } });
    expect(await line.run("me")).toBe(1);
    expect(line.err).toEqual([
      expect.stringContaining(
        "answered 403 without the API's own error; check the address, and whether its network policy",
      ),
      expect.stringContaining("answered in an unknown form"),
      expect.stringContaining("answered 302"),
    ]);
  });
});
