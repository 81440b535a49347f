/**
 * What is printed: a shell script whose prose is comments. Every quota with what is needed, what AWS gives, and the
 * arithmetic; a command that reads what the account has; and a request where the need is more than AWS gives.
 */
import type { Need } from "./needs";
import { defaultIn, quotaOf, QUOTAS_AS_OF, type Quota, type QuotaName } from "./quota-list";

/** Quotas of the whole account are kept in one region. */
const GLOBAL_REGION = "us-east-1";

/** What can't be asked for, whatever the need: said once. */
const SENTENCES = [
  "Manual DB instance snapshots (100 a region) need no request: recovery points of AWS Backup don't count. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatingBackups.AWSBackup.html",
  "AWS Backup copies five recovery points of RDS at a time in an account, and one of each database: nobody gets more, so copies wait for each other. https://docs.aws.amazon.com/general/latest/gr/bk.html",
  "Fargate launches 20 tasks a second in a region, a distributed map has 1,000 open runs in an account, and API Gateway's burst follows its rate: no request changes them for one stage. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html",
  "A restore of a recovery point makes one more DB instance for its time: its plan refuses where your quota (40 by default) has no room. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
];

export interface QuotaLinesOptions {
  /** What the numbers rest on, as sentences. */
  readonly assumptions: readonly string[];
  /** The account has the quotas of its first weeks. */
  readonly isNew: boolean;
}

export const quotaLines = (needs: readonly Need[], { assumptions, isNew }: QuotaLinesOptions): readonly string[] => {
  const names = [...new Set(needs.map(({ quota }) => quota))];
  const requests = needs.filter((need) => isShort(need, isNew));
  return [
    ...assumptions.map((sentence) => `# ${sentence}`),
    `# AWS's defaults are of ${QUOTAS_AS_OF}; the need is this stage's alone, beside what else the account has.`,
    ...names.flatMap((name) =>
      blockOf(
        name,
        needs.filter(({ quota }) => quota === name),
        isNew,
      ),
    ),
    "",
    ...SENTENCES.map((sentence) => `# ${sentence}`),
    requests.length === 0
      ? "# Nothing has to be asked for: every need is within what AWS gives."
      : `# ${requests.length} request${requests.length === 1 ? "" : "s"}. AWS answers within hours or days; aws service-quotas list-requested-service-quota-change-history says how far it is.`,
  ];
};

const blockOf = (name: QuotaName, needs: readonly Need[], isNew: boolean): readonly string[] => {
  const quota = quotaOf(name);
  const title = `${quota.name} (${quota.service})`;
  const most = needs.reduce((a, b) => (shareOf(b, isNew) > shareOf(a, isNew) ? b : a));
  if (shareOf(most, isNew) <= WORTH_A_LOOK)
    return [`# ${title}: at most ${number(most.amount)} of ${number(available(most, isNew))}. ${quota.source}`];
  return [
    "",
    `# ${title}. ${quota.source}`,
    ...(quota.note === undefined ? [] : [`# ${quota.note}`]),
    ...alike(needs, isNew).map((sentence) => `# ${sentence}`),
    ...needs.flatMap((need) => [
      ...(shareOf(need, isNew) > WORTH_A_LOOK ? checkOf(quota, need) : []),
      ...(isShort(need, isNew) ? requestOf(quota, need) : []),
    ]),
  ];
};

/** Below this share of what AWS gives, no region is listed. */
const WORTH_A_LOOK = 1 / 4;
const shareOf = (need: Need, isNew: boolean): number => need.amount / available(need, isNew);
const isShort = (need: Need, isNew: boolean): boolean => need.amount > available(need, isNew);
const available = ({ quota, region }: Need, isNew: boolean): number =>
  defaultIn(quotaOf(quota), region ?? GLOBAL_REGION, isNew);

/** Regions with the same need in one line. */
const alike = (needs: readonly Need[], isNew: boolean): readonly string[] => {
  const lines = new Map<string, string[]>();
  for (const need of needs) {
    const given = available(need, isNew);
    const { newAccounts } = quotaOf(need.quota);
    const young = newAccounts === undefined || isNew ? "" : `, ${number(newAccounts)} in its first weeks`;
    const sentence = `needs ${number(need.amount)}; AWS gives ${number(given)}${young} (${need.why})`;
    lines.set(sentence, [...(lines.get(sentence) ?? []), placeOf(need)]);
  }
  return [...lines].map(([sentence, places]) => `${places.join(", ")}: ${sentence}`);
};

const placeOf = ({ region }: Need): string => region ?? "the account";
const number = (value: number): string => value.toLocaleString("en");

/** Of a quota whose code no document names. */
const codeOf = ({ service, code, find = [] }: Quota, region: string): string => {
  if (code !== undefined) return code;
  const query = find.map((word) => `contains(QuotaName, '${word}')`).join(" && ");
  return `"$(aws service-quotas list-aws-default-service-quotas --service-code ${service} --region ${region} --query "Quotas[?${query}].QuotaCode | [0]" --output text)"`;
};

const checkOf = (quota: Quota, { region }: Need): readonly string[] => {
  const at = region ?? GLOBAL_REGION;
  return quota.code === undefined && quota.find === undefined
    ? []
    : [
        `aws service-quotas get-service-quota --service-code ${quota.service} --quota-code ${codeOf(quota, at)} --region ${at} --query Quota.Value --output text`,
      ];
};

const requestOf = (quota: Quota, need: Need): readonly string[] => {
  const at = need.region ?? GLOBAL_REGION;
  if (!quota.adjustable) return [`# ${placeOf(need)}: AWS raises it for nobody; divide the stage among accounts.`];
  const desired = rounded(need.amount);
  if (quota.most !== undefined && desired > quota.most)
    return [`# ${placeOf(need)}: AWS gives at most ${number(quota.most)}; divide the stage's regions among accounts.`];
  return [
    `aws service-quotas request-service-quota-increase --service-code ${quota.service} --quota-code ${codeOf(quota, at)} --desired-value ${desired} --region ${at}`,
  ];
};

/** Up, to two digits that count: a round number is what people grant. */
export const rounded = (amount: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(amount, 1))) - 1);
  return Math.ceil(amount / unit) * unit;
};
