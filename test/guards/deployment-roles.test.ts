/** Who deploys is left out of the guards: CDK's roles with the project's qualifier, or those that the stage names. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import { recoveryApp, serviceApp } from "../../lib/service-app";
import { readResourcePolicies, type ResourcePolicy } from "../../local/permissions/statements";
import { SynthesizedApp } from "../../local/template/app";
import { must } from "../support/must";
import { ACCOUNT, BREAK_GLASS, manifestRoles, mayAdministrator, OTHERS, role } from "./guarded";
import { REMOVING } from "./removing-actions";
import { projectContext } from "../../lib/config/project-context";
import { withoutValidation } from "../support/without-validation";

const context = projectContext();
const folder = mkdtempSync(join(tmpdir(), "guards-"));
withoutValidation();
afterAll(() => rmSync(folder, { recursive: true }));

const defaults = loadStage("default");
const dublin = must(defaults.rows.find(({ name }) => name === "Dublin"));

const synthesize = (make: (app: App) => App, more: Record<string, unknown> = {}): string => {
  const outdir = mkdtempSync(join(folder, "out-"));
  make(new App({ outdir, context: { ...context, ...more } })).synth();
  return outdir;
};
const guardedIn = (outdir: string): readonly ResourcePolicy[] =>
  readResourcePolicies(new SynthesizedApp(outdir, ACCOUNT));
const stage = (changes: Partial<Stage>): Stage => ({ ...defaults, rows: [dublin], ...changes });
const bundle = () => emptyBundle(join(folder, "bundle"));
const SETTINGS = REMOVING.filter(({ by, onObjects }) => by === "deployments" && onObjects === undefined);

/** Who of these may do everything that a deployment does, on every resource. */
const deployers = (resources: readonly ResourcePolicy[], principals: readonly string[]): readonly string[] =>
  principals.filter((principal) =>
    resources.every(({ type, arn, statements }) =>
      SETTINGS.filter((one) => one.type === type).every(({ action }) =>
        mayAdministrator(principal, action, arn, statements),
      ),
    ),
  );

test("another qualifier of CDK's bootstrap, in each stack's own region", () => {
  const outdir = synthesize((app) => serviceApp(stage({}), bundle(), app), {
    "@aws-cdk/core:bootstrapQualifier": "mine",
  });
  const roles = manifestRoles(outdir);
  expect([...roles.values()].toSorted()).toEqual(
    ["eu-central-1", "eu-west-1"].map((region) => role(`cdk-mine-cfn-exec-role-${ACCOUNT}-${region}`)),
  );
  for (const resource of guardedIn(outdir)) {
    const own = must(roles.get(resource.stack));
    expect(deployers([resource], [...roles.values(), BREAK_GLASS, ...OTHERS])).toEqual([own, BREAK_GLASS]);
  }
});

test("roles that the stage names, with a path, and by account and region", () => {
  const deploymentRoles = ["ci/deployer", "deploy-{account}-{region}"];
  const outdir = synthesize((app) =>
    serviceApp(stage({ deploymentRoles, breakGlassRole: "sec/glass" }), bundle(), app),
  );
  for (const resource of guardedIn(outdir)) {
    const named = [role("ci/deployer"), role(`deploy-${ACCOUNT}-${resource.region}`), role("sec/glass")];
    const cdks = role(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${resource.region}`);
    expect(deployers([resource], [...named, cdks, BREAK_GLASS, role("deployer"), role("glass")])).toEqual(named);
  }
});

test("a recovery is guarded alike, but its keys go with it", () => {
  const outdir = synthesize((app) => recoveryApp(stage({}), dublin, bundle(), app));
  const resources = guardedIn(outdir);
  const own = must([...manifestRoles(outdir).values()][0]);
  expect(resources.map(({ type }) => type).toSorted()).toEqual([
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
  ]);
  expect(deployers(resources, [own, BREAK_GLASS, ...OTHERS])).toEqual([own, BREAK_GLASS]);
  for (const { arn, statements } of resources.filter(({ type }) => type === "AWS::KMS::Key"))
    expect(mayAdministrator(own, "kms:ScheduleKeyDeletion", arn, statements)).toBe(true);
});
