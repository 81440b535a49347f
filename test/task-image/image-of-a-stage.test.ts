/** What a task runs: the image that is built at deployment, or a ready-made one, each by a name that can't be moved. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { emptyBundle, type Bundle } from "../../lib/assets/bundle";
import { loadStage, rowOf } from "../../lib/config/load-configuration";
import { DatabaseTask } from "../../lib/database-task";
import { recoveryRegion, serviceRegion, type ServiceRegion } from "../../lib/service-region";
import { imageIn, repositoryOf } from "../../lib/task-image/image-reference";
import { must } from "../support/must";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const PATTERN = "123456789012.dkr.ecr.{region}.amazonaws.com/team/backups";
const TAGGED = `${PATTERN}:2026-11-30-101500@${DIGEST}`;

const stage = loadStage("default");
const folder = mkdtempSync(join(tmpdir(), "image-"));
const bundle = emptyBundle(join(folder, "bundle"));
afterAll(() => rmSync(folder, { recursive: true }));

type TaskSettings = Partial<typeof stage.databaseTask>;
const withTask = (change: TaskSettings) => ({ ...stage, databaseTask: { ...stage.databaseTask, ...change } });

interface Task {
  readonly image: unknown;
  /** What Fargate may do to pull it: action and resource. */
  readonly pulls: readonly string[];
}
const taskOf = (region: ServiceRegion, from: Bundle = bundle): Task => {
  const stack = new Stack(new App(), "Stack", { env: { region: region.row.region } });
  const { executionRole } = new DatabaseTask(stack, "Task", { region, bundle: from, settings: {} as never });
  const template = Template.fromStack(stack);
  const [definition] = Object.values(template.findResources("AWS::ECS::TaskDefinition"));
  const start = stack.resolve((executionRole.node.defaultChild as { ref?: string }).ref) as { Ref: string };
  const policies = Object.values(template.findResources("AWS::IAM::Policy")).filter(({ Properties }) =>
    (Properties as { Roles: { Ref: string }[] }).Roles.some(({ Ref }) => Ref === start.Ref),
  );
  const statements = policies.flatMap(
    ({ Properties }) =>
      (Properties as { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } })
        .PolicyDocument.Statement,
  );
  return {
    image: (must(definition)["Properties"] as { ContainerDefinitions: { Image: unknown }[] }).ContainerDefinitions.at(0)
      ?.Image,
    pulls: statements.flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .filter((action) => action.startsWith("ecr:"))
        .map((action) => `${action} ${JSON.stringify(Resource)}`),
    ),
  };
};
const inFrankfurt = (change: TaskSettings) => {
  const given = withTask(change);
  return serviceRegion(given, rowOf(given, "eu-central-1"));
};
const recoveredInDublin = (change: TaskSettings) => {
  const given = withTask(change);
  return recoveryRegion(given, rowOf(given, "eu-central-1"));
};

test.each([
  ["a region", () => inFrankfurt({ image: TAGGED }), "eu-central-1"],
  ["a recovery of it", () => recoveredInDublin({ image: TAGGED }), "eu-west-1"],
])("%s runs the copy that lies where it stands, by digest, and may pull that alone", (_what, region, place) => {
  const { image, pulls } = taskOf(region());
  expect(image).toBe(`123456789012.dkr.ecr.${place}.amazonaws.com/team/backups@${DIGEST}`);
  expect(pulls.toSorted()).toEqual([
    `ecr:BatchCheckLayerAvailability "arn:aws:ecr:${place}:123456789012:repository/team/backups"`,
    `ecr:BatchGetImage "arn:aws:ecr:${place}:123456789012:repository/team/backups"`,
    'ecr:GetAuthorizationToken "*"',
    `ecr:GetDownloadUrlForLayer "arn:aws:ecr:${place}:123456789012:repository/team/backups"`,
  ]);
});

test("an image of another registry needs no permission", () => {
  const { image, pulls } = taskOf(inFrankfurt({ image: `ghcr.io/example/backups:1@${DIGEST}` }));
  expect(image).toBe(`ghcr.io/example/backups@${DIGEST}`);
  expect(pulls).toEqual([]);
});

test.each([
  [`${PATTERN}@${DIGEST}`, PATTERN],
  [TAGGED, PATTERN],
  [`localhost:5000/backups@${DIGEST}`, "localhost:5000/backups"],
  [`localhost:5000/backups:1@${DIGEST}`, "localhost:5000/backups"],
])("%s lies in %s", (image, repository) => {
  expect(repositoryOf(image)).toBe(repository);
  expect(imageIn(image, "eu-west-1").reference).toBe(`${repository.replace("{region}", "eu-west-1")}@${DIGEST}`);
});

test("built at deployment: another day, other major versions or another processor are another image", () => {
  const names = new Set<string>();
  const add = (change: TaskSettings, from?: Bundle): void => {
    names.add(JSON.stringify(taskOf(inFrankfurt(change), from).image));
  };
  add({});
  add({});
  expect(names.size).toBe(1);
  add({ postgresqlMajors: [13, ...stage.databaseTask.postgresqlMajors] });
  add({ architecture: "arm64" });
  const renewed = join(folder, "renewed");
  cpSync(bundle.databaseTaskFolder, renewed, { recursive: true });
  appendFileSync(join(renewed, "Dockerfile"), "ENV IMAGE_REFRESHED=2026-12-24\n");
  add({}, { ...bundle, databaseTaskFolder: renewed });
  expect(names.size).toBe(4);
});
