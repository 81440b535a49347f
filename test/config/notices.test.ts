/** What is allowed and most likely not meant is said once, in sentences, and stops nothing. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import { noticeLines, noticesOf } from "../../lib/config/notices";

const PROJECT = join(__dirname, "..", "..");
const standing = loadStage("default");
/** A stage on which everything was thought of. */
const meant: Stage = {
  ...standing,
  stage: "production",
  account: "210987654321",
  api: { ...standing.api, allowedNetworks: ["192.88.98.0/24"] },
  fileBuckets: { read: ["shop-*-files"], write: ["shop-*-files"] },
  notify: ["backups@company.nl"],
  concurrency: { account: 1000, api: 100 },
  runbookUrl: "https://wiki.company.nl/backups",
};
const api = (change: Partial<Stage["api"]>): Partial<Stage> => ({ api: { ...meant.api, ...change } });

test("nothing is said of a stage on which everything was thought of", () => {
  expect(noticesOf(meant)).toEqual([]);
  expect(noticeLines(meant)).toEqual([]);
});

test("the default stage says what has to be filled in before anybody can use it", () => {
  expect(noticesOf(standing)).toEqual([
    expect.stringMatching(
      /^notify is empty, so nobody is told when a backup fails: name e-mail addresses, or subscribe to the topic backups-\S+ of every region by yourself\.$/,
    ),
    "api.allowedNetworks is empty, so nobody reaches the API and the page, whatever their key: name your networks.",
    "fileBuckets is as in config/default.json and takes in every bucket of the account that matches *-files and *-files-*: begin the patterns with what only your environments' file buckets begin with.",
    "concurrency.account is 10, what a new account has, so all backups of a region together read files with 5 functions at a time: set it to your account's quota (npm run quotas prints the command that reads it).",
    "runbookUrl is https://example.com/nightly-backups/runbook, an example, so the links in alarms lead nowhere: name where docs/runbook is read.",
  ]);
});

test.each<[string, Partial<Stage>, string]>([
  [
    "nobody",
    { notify: [] },
    "notify is empty, so nobody is told when a backup fails: name e-mail addresses, or subscribe to the topic backups-210987654321-",
  ],
  [
    "an example",
    { notify: ["you@example.com"] },
    "notify names you@example.com, which reaches nobody, so nobody is told when a backup fails: name addresses that are read.",
  ],
  [
    "examples",
    { notify: ["a@EXAMPLE.org", "b@mail.example"] },
    "notify names a@EXAMPLE.org and b@mail.example, which reaches nobody, so nobody is told",
  ],
  [
    "an example among others",
    { notify: ["backups@company.nl", "root@localhost"] },
    "notify names root@localhost, which reaches nobody, so whoever is meant by it is not told:",
  ],
  ["a domain that never is", { notify: ["x@company.invalid"] }, "notify names x@company.invalid"],
  ["no network", api({ allowedNetworks: [] }), "api.allowedNetworks is empty, so nobody reaches the API and the page"],
  [
    "a network of the documentation",
    api({ allowedNetworks: ["203.0.113.0/24"] }),
    "api.allowedNetworks names 203.0.113.0/24, which is set aside for examples",
  ],
  [
    "networks of the documentation",
    api({ allowedNetworks: ["192.88.98.0/24", "198.51.100.7/32", "2001:db8:1::/48"] }),
    "api.allowedNetworks names 198.51.100.7/32 and 2001:db8:1::/48, which are set aside for examples",
  ],
  [
    "an issuer of the documentation",
    api({ oidc: { issuer: "https://login.example.com", audiences: ["b"], principalClaim: "email" } }),
    "api.oidc.issuer is https://login.example.com, an example",
  ],
  [
    "an endpoint of the documentation",
    api({ endpoint: "private", vpcEndpoints: { "eu-west-1": ["vpce-0123456789abcdef0"] } }),
    "api.vpcEndpoints names vpce-0123456789abcdef0, an example",
  ],
  [
    "patterns that begin with anything",
    { fileBuckets: { read: ["*"], write: ["shop-files"] } },
    "fileBuckets takes in every bucket of the account that matches *: begin",
  ],
  [
    "such patterns where apps register",
    { ...api({ registering: "app" }), fileBuckets: { read: ["*-data"], write: ["*-data"] } },
    'matches *-data, and with "registering": "app" every app\'s administrators can have it read: begin',
  ],
  [
    "a new account's quota",
    { concurrency: { account: 10, api: 0 } },
    "concurrency.account is 10, what a new account has, so all backups of a region together read files with 5 functions",
  ],
  [
    "a quota of less",
    { concurrency: { account: 5, api: 0 } },
    "concurrency.account is 5, what a new account has, so all backups of a region together read files with 2 functions",
  ],
  [
    "a runbook of the documentation",
    { runbookUrl: "https://docs.example.net/x" },
    "runbookUrl is https://docs.example.net/x, an example",
  ],
  [
    "an account of the documentation",
    { account: "123456789012" },
    "account is 123456789012, an example: name your own.",
  ],
  [
    "a boundary of the documentation",
    { permissionsBoundary: "arn:aws:iam::111122223333:policy/boundary" },
    "permissionsBoundary names arn:aws:iam::111122223333:policy/boundary, an example",
  ],
])("%s: one sentence", (_what, change, sentence) => {
  const said = noticesOf({ ...meant, ...change });
  expect(said).toHaveLength(1);
  expect(said[0]?.startsWith(sentence) === true || said[0]?.includes(sentence)).toBe(true);
  expect(said[0]).toMatch(/^\S.*: .*\.$/);
});

test("a share of a small quota that was chosen is meant", () => {
  expect(noticesOf({ ...meant, concurrency: { account: 10, api: 0, backups: 4 } })).toEqual([]);
});

test("names that only look like examples are nobody's business", () => {
  expect(
    noticesOf({
      ...meant,
      notify: ["a@notexample.com", "b@example.company.nl", "c@latest.nl"],
      runbookUrl: "https://myexample.com/runbook",
    }),
  ).toEqual([]);
});

test("the app says it once, on its error output, and is synthesized all the same", () => {
  const out = mkdtempSync(join(tmpdir(), "notices-"));
  try {
    const context = { stage: "default", recovery: "eu-central-1", emptyBundle: "true" };
    const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", join("bin", "app.ts")], {
      cwd: PROJECT,
      encoding: "utf8",
      env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_VALIDATION: "false" },
    });
    expect(status).toBe(0);
    for (const line of noticeLines(standing)) expect(stderr.split(line)).toHaveLength(2);
  } finally {
    rmSync(out, { recursive: true });
  }
}, 120_000);
