/**
 * What of a stage is allowed and most likely not meant: said once at synth and with every review, as sentences that
 * stop nothing. Pure.
 */
import { Names } from "../names";
import { placesOf } from "./check-concurrency";
import type { Stage } from "./load-configuration";
import { isDocumentation } from "./networks";

/** Reserved for examples and tests (RFC 2606, RFC 6761): nobody is there. */
const EXAMPLE_DOMAIN = /(^|\.)(example(\.(com|net|org))?|invalid|test|localhost)$/i;
/** Values with which AWS's documentation and this project's files show what is to be written. */
const EXAMPLE_ACCOUNTS = ["123456789012", "111122223333"] as const;
const EXAMPLE_ENDPOINT = "vpce-0123456789abcdef0";
/** Of config/default.json. */
const DEFAULT_PATTERNS = ["*-files", "*-files-*"] as const;

/** One sentence each: what follows from it, and what to do. Empty where all is said on purpose. */
export const noticesOf = (stage: Stage): readonly string[] => [
  ...whoIsTold(stage),
  ...whoGetsIn(stage),
  ...whatIsReached(stage),
  ...howFast(stage),
  ...examples(stage),
];

const whoIsTold = ({ notify, prefix, rows, account }: Stage): readonly string[] => {
  if (notify.length === 0) {
    const topic = new Names({ prefix, account: account ?? "<account>", region: rows[0]?.region ?? "" }).alarmTopic();
    return [
      `notify is empty, so nobody is told when a backup fails: name e-mail addresses, or subscribe to the topic ${topic} of every region by yourself.`,
    ];
  }
  const nobody = notify.filter((address) => EXAMPLE_DOMAIN.test(address.slice(address.lastIndexOf("@") + 1)));
  if (nobody.length === 0) return [];
  const others =
    nobody.length === notify.length ? "nobody is told when a backup fails" : "whoever is meant by it is not told";
  return [`notify names ${list(nobody)}, which reaches nobody, so ${others}: name addresses that are read.`];
};

const whoGetsIn = ({ api }: Stage): readonly string[] => {
  const { allowedNetworks, oidc } = api;
  const examplesOnly = allowedNetworks.filter(isDocumentation);
  return [
    ...(allowedNetworks.length === 0
      ? [
          "api.allowedNetworks is empty, so nobody reaches the API and the page, whatever their key: name your networks.",
        ]
      : []),
    ...(examplesOnly.length === 0
      ? []
      : [
          `api.allowedNetworks names ${list(examplesOnly)}, which ${examplesOnly.length === 1 ? "is" : "are"} set aside for examples, so nobody comes from there: name your networks.`,
        ]),
    ...(oidc !== undefined && EXAMPLE_DOMAIN.test(new URL(oidc.issuer).hostname)
      ? [`api.oidc.issuer is ${oidc.issuer}, an example, so nobody can sign in with a token: name your issuer.`]
      : []),
  ];
};

const whatIsReached = ({ fileBuckets, api }: Stage): readonly string[] => {
  const given = [...new Set([...fileBuckets.read, ...fileBuckets.write])];
  const wide = given.filter((pattern) => pattern.startsWith("*"));
  if (wide.length === 0) return [];
  const isDefault = DEFAULT_PATTERNS.every((pattern) => given.includes(pattern));
  const also =
    api.registering === "app" ? ', and with "registering": "app" every app\'s administrators can have it read' : "";
  return [
    `fileBuckets ${isDefault ? "is as in config/default.json and " : ""}takes in every bucket of the account that matches ${list(wide)}${also}: begin the patterns with what only your environments' file buckets begin with.`,
  ];
};

/** What a new account has, and few for long; nothing else says why nights are slow. */
const NEW_ACCOUNT = 10;
const howFast = ({ concurrency }: Stage): readonly string[] =>
  concurrency.account > NEW_ACCOUNT || concurrency.backups !== undefined
    ? []
    : [
        `concurrency.account is ${concurrency.account}, what a new account has, so all backups of a region together read files with ${placesOf(concurrency)} functions at a time: set it to your account's quota (npm run quotas prints the command that reads it).`,
      ];

const examples = ({ account, runbookUrl, api, databaseTask, permissionsBoundary }: Stage): readonly string[] => {
  const isExample = (text: string): boolean => EXAMPLE_ACCOUNTS.some((one) => text.includes(one));
  return [
    ...(EXAMPLE_DOMAIN.test(new URL(runbookUrl).hostname)
      ? [
          `runbookUrl is ${runbookUrl}, an example, so the links in alarms lead nowhere: name where docs/runbook is read.`,
        ]
      : []),
    ...(account !== undefined && isExample(account) ? [`account is ${account}, an example: name your own.`] : []),
    ...Object.entries({
      "databaseTask.image": databaseTask.image === undefined ? [] : [databaseTask.image],
      permissionsBoundary: permissionsBoundary === undefined ? [] : [permissionsBoundary],
      "api.webAclArns": Object.values(api.webAclArns ?? {}),
      "api.vpcEndpoints": Object.values(api.vpcEndpoints ?? {}).flat(),
    }).flatMap(([setting, values]) =>
      values
        .filter((value) => isExample(value) || value === EXAMPLE_ENDPOINT)
        .slice(0, 1)
        .map((value) => `${setting} names ${value}, an example, which a deployment can't find: name your own.`),
    ),
  ];
};

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;

/** What is printed: a heading, then a line each; nothing where there are none. */
export const noticeLines = (stage: Stage): readonly string[] => {
  const notices = noticesOf(stage);
  return notices.length === 0
    ? []
    : [
        `Stage ${stage.stage} can be deployed as it is. Look at these first:`,
        ...notices.map((notice) => `- ${notice}`),
      ];
};
