/**
 * `npm run review [-- --stage <stage>] [--against <folder> | --deployed] [--snapshots <file>] [--draft <file>]
 * [--accept [--reason [<kind>=]<why>]... [--reasons <file>]]`: says what the synthesized templates change for users
 * against those last reviewed, and ends with 1 on anything that loses or weakens something, until each kind of it is
 * accepted with a reason. Writes the reviewed state only with --accept.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { parseCommand, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { noticeLines } from "../lib/config/notices";
import { acceptanceText, draftText, reasonsFor } from "../lib/review/acceptance";
import { checkAssembly } from "../lib/review/check-assembly";
import { currentRules } from "../lib/review/current-rules";
import type { Deployment } from "../lib/review/deployment";
import { fetchDeployed } from "../lib/review/fetch-deployed";
import { readAssembly, readFetched, stacksOfAssembly, toStacks } from "../lib/review/read-assembly";
import { acceptLine, review, reviewLines, type LivingSnapshot } from "../lib/review/review";
import { ReviewError } from "../lib/review/review-error";
import { readReviewed, recordAcceptance, writeReviewed } from "../lib/review/reviewed-state";
import { runCommand } from "../lib/config/run-command";

const PROJECT = join(__dirname, "..");
const OPTIONS = {
  stage: { type: "string", default: "default" },
  templates: { type: "string", default: "cdk.out" },
  /** Where the reviewed state is; each stage has its own. */
  reviewed: { type: "string" },
  against: { type: "string" },
  deployed: { type: "boolean", default: false },
  snapshots: { type: "string", multiple: true },
  date: { type: "string" },
  accept: { type: "boolean", default: false },
  reason: { type: "string", multiple: true, default: [] as string[] },
  reasons: { type: "string" },
  draft: { type: "string" },
} as const;

const USAGE = `npm run review -- ${Object.keys(OPTIONS)
  .map((name) => `[--${name}]`)
  .join(" ")}`;

const snapshotList = z.looseObject({
  snapshots: z.array(
    z.looseObject({
      tier: z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]),
      createdAt: z.string(),
      expiresAt: z.string(),
    }),
  ),
});

const main = (): number => {
  const { values } = parseCommand(USAGE, { options: OPTIONS });
  const stage = loadStage(values.stage);
  const folder = values.reviewed ?? join(PROJECT, "config", "reviewed", values.stage);
  checkAssembly(values.templates, stacksOfAssembly(values.templates), stage);
  const after = readAssembly(values.templates, currentRules());
  const reviewed = readReviewed(folder);
  const accept = `npm run review --${values.stage === "default" ? "" : ` --stage ${values.stage}`} --accept`;
  if (reviewed === undefined && values.against === undefined && !values.deployed) {
    if (!values.accept)
      throw new ReviewError(
        `Nothing of stage ${values.stage} has been reviewed yet; look at its templates, then: ${accept}`,
      );
    return record(folder, after);
  }
  const before = chosen(values, reviewed, after);
  const snapshots = values.snapshots?.flatMap(readSnapshots);
  const found = review({
    before,
    after,
    now: values.date === undefined ? new Date() : new Date(`${values.date}T00:00:00Z`),
    ...(snapshots === undefined ? {} : { snapshots }),
  });
  const against =
    values.against ?? (values.deployed ? "what is deployed" : `what was last reviewed of stage ${values.stage}`);
  for (const line of noticeLines(stage)) console.log(line);
  for (const line of reviewLines(found, { against, accept })) console.log(line);
  if (values.draft !== undefined) {
    writeFileSync(
      values.draft,
      draftText(found.refused, existsSync(values.draft) ? readFileSync(values.draft, "utf8") : ""),
    );
    console.log(`Begun in ${values.draft}: write why after each "Because:", then ${accept} --reasons ${values.draft}`);
  }
  if (!values.accept) return found.refused.length > 0 ? 1 : 0;
  const file =
    values.reasons === undefined ? {} : { file: { path: values.reasons, text: readReasons(values.reasons) } };
  const reasons = reasonsFor(found.refused, { reasons: values.reason, ...file }, acceptLine(found.refused, accept));
  if (found.refused.length > 0) recordAcceptance(folder, acceptanceText(found.refused, reasons));
  return record(folder, after);
};

const record = (folder: string, reviewed: Deployment): number => {
  writeReviewed(folder, reviewed);
  console.log(`Recorded in ${relative(process.cwd(), folder)}; commit it together with the change.`);
  return 0;
};

const chosen = (
  {
    against,
    deployed,
    templates,
  }: { readonly against?: string | undefined; readonly deployed: boolean; readonly templates: string },
  reviewed: Deployment | undefined,
  after: Deployment,
): Deployment => {
  /** Templates don't hold the rules: those last reviewed are the best there is. */
  const rules = reviewed?.rules ?? after.rules;
  if (against !== undefined) return readFetched(against, stacksOfAssembly(templates), rules);
  if (deployed) return { stacks: toStacks(fetchDeployed(stacksOfAssembly(templates))), rules };
  return reviewed ?? { stacks: {}, rules };
};

const readReasons = (path: string): string => {
  if (existsSync(path)) return readFileSync(path, "utf8");
  throw new ReviewError(`There is no ${path}; begin it with: npm run review -- --draft ${path}`);
};

const readSnapshots = (path: string): readonly LivingSnapshot[] => {
  try {
    return snapshotList.parse(JSON.parse(readFileSync(path, "utf8"))).snapshots;
  } catch (error) {
    throw new ReviewError(
      `${path} is no list of snapshots (${(error as Error).message.split("\n")[0]}); write it with: npx backups snapshots ENVIRONMENT --json > ${path}`,
    );
  }
};

runCommand(main, [ReviewError, ConfigurationError, UsageError]);
