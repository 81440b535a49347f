/**
 * The services that the database task, and Fargate for it, call from the environment's own network, by the roles of
 * every stack; and those of which README's section on the network says so. A role's actions are what is called: the
 * local run holds that each is used, and IAM refuses any other.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { DATABASE_TASK_ENTRIES } from "../../lib/assets/entries";
import { stacksOfAssembly } from "../../lib/review/read-assembly";
import { synthesizeRecoveries } from "../support/assemblies";
import { must } from "../support/must";
import { synthesizeOnce, type Template } from "../support/synthesized";
import { rolesOf } from "../templates/policies";
import { withoutValidation } from "../support/without-validation";

const PROJECT = join(__dirname, "..", "..");
withoutValidation();

/**
 * By the prefix of a service's actions, the ends of its endpoints' names, `com.amazonaws.<region>.…`; none for what
 * other services call in the task's name.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html layers come from S3
 */
const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ["dynamodb"],
  ecr: ["ecr.api", "ecr.dkr", "s3"],
  events: ["events"],
  /** S3 and Secrets Manager use their keys themselves; the task has no client of KMS. */
  kms: [],
  logs: ["logs"],
  s3: ["s3"],
  secretsmanager: ["secretsmanager"],
};
/** Services without a client in the task: whoever adds one has to say how the task reaches it. */
const NOT_CALLED = ["cloudwatch", "cloudwatch-logs", "kms", "ssm", "sts", "xray"];

const [, network = ""] = readFileSync(join(PROJECT, "README.md"), "utf8").split("\n## Network\n");
const section = must(network.split("\n## ")[0]);
const documented = [...section.matchAll(/`com\.amazonaws\.<region>\.([a-z0-9.-]+)`/g)].map((match) => match[1] ?? "");

/** Of the task's own role and of the one with which Fargate starts it. */
const servicesOf = (template: Template): readonly string[] => {
  const roles = rolesOf(template).filter(({ name }) => /-(database|start)-task$/.test(name));
  expect(roles).toHaveLength(2);
  const actions = roles.flatMap(({ statements }) => statements.flatMap((statement) => statement.actions));
  return [...new Set(actions.map((action) => must(action.split(":")[0])))].toSorted();
};
const endpointsOf = (services: readonly string[]): readonly string[] =>
  [...new Set(services.flatMap((service) => must(ENDPOINTS[service], `endpoints of ${service}`)))].toSorted();

test("README names the endpoints of every service that the task calls, and no other", () => {
  const primaries = Object.entries(synthesizeOnce().templates).filter(([id]) => id.startsWith("Primary-"));
  expect(primaries).toHaveLength(17);
  for (const [id, template] of primaries)
    expect([id, endpointsOf(servicesOf(template))]).toEqual([id, documented.toSorted()]);
});

test("what recovers a region calls no others", () => {
  const folder = join(PROJECT, ".local", `network-${process.pid}`);
  try {
    for (const { id, template } of synthesizeRecoveries(folder).flatMap(stacksOfAssembly))
      expect([id, endpointsOf(servicesOf(template))]).toEqual([id, documented.toSorted()]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

test("README says which are gateways, and how the others are reached", () => {
  for (const name of ["s3", "dynamodb"]) expect(section).toContain(`\`com.amazonaws.<region>.${name}\`, a gateway`);
  expect(section.match(/a gateway/g)).toHaveLength(2);
  for (const said of ["NAT", '"publicAddress": true', "private DNS names", "port 443"]) expect(section).toContain(said);
});

test("the task's program has no client of a service that is said not to be called", () => {
  const { metafile } = buildSync({
    absWorkingDir: PROJECT,
    entryPoints: [DATABASE_TASK_ENTRIES.main],
    bundle: true,
    platform: "node",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const clients = Object.keys(metafile.inputs).flatMap(
    (path) => /@aws-sdk\/client-([a-z0-9-]+)\//.exec(path)?.[1] ?? [],
  );
  expect(new Set(clients).has("eventbridge")).toBe(true);
  expect(NOT_CALLED.filter((name) => clients.includes(name))).toEqual([]);
});

test("what is taken for a service's endpoints has no service that nobody calls", () => {
  const called = servicesOf(must(synthesizeOnce().templates["Primary-Frankfurt"]));
  expect(called).toEqual(Object.keys(ENDPOINTS).toSorted());
});
