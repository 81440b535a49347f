/** Where the API is when the address leaves it open, and what is said to those who gave no way in. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { NoAwsIdentity } from "../../bin/command-line/ways-in";
import { NOTHING_ELSE } from "./cli-fixture";

const KEYS = { BACKUPS_USERNAME: "operator", BACKUPS_API_KEY: "a-key" };
let err: string[];
let asked: string[];
const run = (more: Partial<Surroundings>, ...args: readonly string[]): Promise<number> => {
  [err, asked] = [[], []];
  return runCommandLine(args, { ...NOTHING_ELSE, out: () => undefined, err: (text) => err.push(text), ...more });
};
/** The API answers below one base only; before it stands what API Gateway, or a web server, says to all others. */
const onlyAt =
  (base: string, otherwise: () => Response): Surroundings["fetch"] =>
  async (input) => {
    const { url } = new Request(input);
    asked.push(url);
    return url.startsWith(`${base}/api/v2/`) ? Response.json({ name: "operator", grants: [] }) : otherwise();
  };

test.each<[string, () => Response]>([
  ["403", () => Response.json({ message: "Forbidden" }, { status: 403 })],
  ["404", () => new Response("<html>", { status: 404 })],
])("an API at the root of its own domain is found behind a %s", async (_status, otherwise) => {
  const fetch = onlyAt("https://backups.example", otherwise);
  expect(await run({ fetch, variables: KEYS }, "me", "--url", "https://backups.example")).toBe(0);
  expect(asked).toEqual(["https://backups.example/backups/api/v2/me", "https://backups.example/api/v2/me"]);
});

test("one below /backups is found when /api/v2 was given without it", async () => {
  const fetch = onlyAt("https://backups.example/backups", () =>
    Response.json({ message: "Forbidden" }, { status: 403 }),
  );
  expect(await run({ fetch, variables: KEYS }, "me", "--url", "https://backups.example/api/v2")).toBe(0);
});

test("what the API itself refuses is refused, and asked nowhere else", async () => {
  const fetch = onlyAt("https://none.example", () =>
    Response.json({ errorCode: "NO_ACCESS", errorMessage: "You are not signed in." }, { status: 403 }),
  );
  expect(await run({ fetch, variables: KEYS }, "me", "--url", "https://backups.example")).toBe(1);
  expect(asked).toHaveLength(1);
  expect(err).toEqual(["You are not signed in."]);
});

const noRegion = () => Promise.reject(new NoAwsIdentity("The AWS region is not known; give --region."));
const noCredentials = () => Promise.reject(new NoAwsIdentity("There are no AWS credentials."));
const BOTH_WAYS = [
  expect.stringMatching(/^To ask the service's API, set BACKUPS_URL .*BACKUPS_USERNAME and BACKUPS_API_KEY.*\.$/),
  expect.stringMatching(/^Or ask a deployment with your AWS credentials: give --stage and --region/),
  expect.stringMatching(/region is not known|no AWS credentials/),
];
describe.each([
  ["snapshots", "e"],
  ["show", "e"],
  ["backup", "e"],
  ["probe", "e"],
  ["restore-status", "r"],
  ["restore", "s", "--from", "a", "--into", "e", "--confirm", "e"],
  ["delete", "e", "s", "--confirm", "e"],
  ["drills", "list", "e"],
])("%s without variables", (...args) => {
  test("names both ways in, the address first", async () => {
    expect(await run({ connect: noRegion }, ...args)).toBe(2);
    expect(err).toEqual(BOTH_WAYS);
  });
  test("also when the credentials are missed only by the first call", async () => {
    const connect = async () => ({
      region: "eu-central-1",
      invoke: noCredentials,
      start: noCredentials,
      outcomeOf: noCredentials,
    });
    expect(await run({ connect }, ...args)).toBe(2);
    expect(err).toEqual(BOTH_WAYS);
  });
});

test.each([
  ["keys", "list"],
  ["grants", "list"],
  ["show", "e", "--recovery", "eu-central-1"],
])("%s %s, which only AWS answers, names no address", async (...args) => {
  expect(await run({ connect: noRegion }, ...args)).toBe(2);
  expect(err).toEqual(["The AWS region is not known; give --region."]);
});
