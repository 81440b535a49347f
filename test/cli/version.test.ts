/** `--version` with an address: what is deployed there, quickly, without a key, and never a failure. */
import { readFileSync } from "node:fs";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import { startApiCommandLine } from "./api-fixture";
import { NOTHING_ELSE } from "./cli-fixture";

const ADDRESS = "https://backups.example/backups";
const version = async (answer: Surroundings["fetch"], url = ADDRESS): Promise<readonly string[]> => {
  const out: string[] = [];
  const surroundings = { ...NOTHING_ELSE, fetch: answer, out: (text: string) => out.push(text), err: fail };
  expect(await runCommandLine(["--version", "--url", url], surroundings)).toBe(0);
  expect(out[0]).toBe(`backups ${SERVICE_VERSION}`);
  return out.slice(1);
};
const fail = (text: string): never => {
  throw new Error(text);
};

test("it is package.json's", () => {
  expect(JSON.parse(readFileSync("package.json", "utf8"))).toMatchObject({ version: SERVICE_VERSION });
});

test("the real API tells, to anybody: no key is sent", async () => {
  const line = await startApiCommandLine();
  const sent: (readonly string[])[] = [];
  try {
    const real = line.fetch;
    line.fetch = (input, init) => {
      sent.push([...new Headers(init?.headers).keys()]);
      return real(input, init);
    };
    expect(await line.run("--version", "--json")).toBe(0);
    expect(line.document()).toEqual({
      version: SERVICE_VERSION,
      commit: null,
      deployed: { url: expect.stringMatching(/\/api\/v2$/), version: SERVICE_VERSION, reason: null },
    });
    expect(sent).toEqual([[]]);
  } finally {
    await line.close();
  }
});

test.each<[string, Surroundings["fetch"], string]>([
  [
    "nobody answers",
    () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
    "ECONNREFUSED",
  ],
  [
    "it takes too long",
    () => Promise.reject(Object.assign(new Error(), { name: "TimeoutError" })),
    "it did not answer in time",
  ],
  ["a network refuses", async () => Response.json({ message: "Forbidden" }, { status: 403 }), "it answered 403"],
  ["it leads elsewhere", async () => new Response("", { status: 302 }), "it answered 302"],
  ["it is older", async () => Response.json({ info: { version: "2" } }), "an older version, which does not say"],
  ["it is something else", async () => new Response("<html>"), "an older version, which does not say"],
])("%s: it is said, and nothing fails", async (_what, answer, reason) => {
  expect(await version(answer)).toEqual([`deployed at ${ADDRESS}/api/v2: not known (${reason})`]);
});

test("an address that is none is no failure either, and a password in it is not shown", async () => {
  const [line = ""] = await version(fail as never, "https://operator:secret@backups.example");
  expect(line).toMatch(/^deployed: not known \(The API's address holds a user or password/);
  expect(line).not.toContain("secret");
});

test("control characters of an answer are not printed", async () => {
  const [line] = await version(async () => Response.json({ info: { "x-service-version": "1.0\u001b[2J\n2" } }));
  expect(line).toBe(`deployed at ${ADDRESS}/api/v2: 1.0 [2J 2`);
});
