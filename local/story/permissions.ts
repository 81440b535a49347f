/** Compares every AWS call of the run with the synthesized policies of the role that made it. */
import { refusedCalls, unusedGrants } from "../permissions/evaluate";
import { readPolicies } from "../permissions/statements";
import type { StoryContext } from "./story-context";

export const checkPermissions = ({ local, report, progress, source, target, tag }: StoryContext): void => {
  const policies = readPolicies(local.app);
  const calls = local.calls.calls();
  const secrets = new Set([source, target].map(({ registration }) => registration.database.secret));
  const tagsOf = (resource: string) => (secrets.has(resource) ? { [tag.Key]: tag.Value } : {});
  const everyRefusal = refusedCalls(calls, policies, { account: local.app.account, tagsOf });
  // A bucket of the user's own may have any name here; on AWS the configuration has to name it.
  const isOwn = (refusal: string): boolean =>
    source.untouched === true && refusal.includes(`arn:aws:s3:::${source.bucket}`);
  if (everyRefusal.some(isOwn)) progress.step(`on AWS the stage's fileBuckets would have to name ${source.bucket}`);
  const refused = everyRefusal.filter((refusal) => !isOwn(refusal));
  const roles = new Set(calls.map(({ role }) => role).filter((role) => policies.roles.has(role)));
  report.checkNone(
    "permissions",
    "the synthesized policies allow every AWS call of this run",
    refused,
    `${calls.length} different calls by ${roles.size} roles`,
  );
  report.facts["unusedGrants"] = unusedGrants(calls, policies);
};
