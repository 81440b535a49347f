/** Named contracts: workflows, the database task and functions, in every region. */
import { settings } from "../../lambda/runtime/settings";
import { taskSettings } from "../../lambda/database-task/contract";
import { FUNCTION_NAMES } from "../../lib/names";
import { WORKFLOWS } from "../../lib/workflows";
import { allows, plain, resourcesOf, rolesOf } from "./policies";
import { must } from "../support/must";
import { stacks, primaries, each, role } from "./deployed";

describe("workflows and the database task", () => {
  const RUNNING = ["backup", "restore", "drill", "archive", "upload", "probe"] as const;

  test("the workflow may run, tag, watch and stop the task, and pass exactly its roles", () => {
    for (const [row, template] of primaries) {
      const base = `${row.region}:<account>`;
      const [, definition] = must(resourcesOf(template, "AWS::ECS::TaskDefinition")[0]);
      const cluster = plain(must(resourcesOf(template, "AWS::ECS::Cluster")[0])[1].Properties.ClusterName);
      const roles = [definition.Properties.TaskRoleArn, definition.Properties.ExecutionRoleArn].map(plain);
      for (const name of RUNNING) {
        const { statements } = role(template, `run-${name}`);
        expect(
          allows(
            statements,
            "ecs:RunTask",
            `arn:aws:ecs:${base}:task-definition/${plain(definition.Properties.Family)}:7`,
          ),
        ).toBe(true);
        for (const action of ["ecs:StopTask", "ecs:DescribeTasks"])
          expect(allows(statements, action, `arn:aws:ecs:${base}:task/${cluster}/0123`)).toBe(true);
        /** The definition propagates tags, which takes ecs:TagResource besides ecs:RunTask. */
        expect(JSON.stringify(WORKFLOWS[name]())).toContain('"PropagateTags":"TASK_DEFINITION"');
        const tagging = statements.filter(({ actions }) => actions.includes("ecs:TagResource"));
        expect(tagging.map(({ resources, conditions }) => [resources, conditions])).toEqual([
          [[`arn:aws:ecs:${base}:task/${cluster}/*`], { StringEquals: { "ecs:CreateAction": "RunTask" } }],
        ]);
        for (const action of ["events:PutTargets", "events:PutRule", "events:DescribeRule"]) {
          expect(allows(statements, action, `arn:aws:events:${base}:rule/StepFunctionsGetEventsForECSTaskRule`)).toBe(
            true,
          );
        }
        const passing = statements.filter(({ actions }) => actions.includes("iam:PassRole"));
        expect(passing.flatMap(({ resources }) => resources).toSorted()).toEqual(roles.toSorted());
        expect(passing.map(({ conditions }) => conditions)).toEqual([
          { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
        ]);
      }
      /** AWS Backup's own roles are passed by the functions that ask it. */
      const passers = rolesOf(template).filter(({ statements }) =>
        statements.some(
          ({ actions, resources }) =>
            actions.includes("iam:PassRole") &&
            resources.some((resource) => !/-(recovery-points|restoring)$/.test(resource)),
        ),
      );
      expect(passers).toHaveLength(RUNNING.length);
    }
  });

  test("every workflow may call its own functions and no others", () => {
    for (const [, template] of primaries) {
      for (const [, machine] of resourcesOf(template, "AWS::StepFunctions::StateMachine")) {
        const name = must(plain(machine.Properties.StateMachineName).split(/-\d-/)[1]);
        const functions = Object.entries(machine.Properties.DefinitionSubstitutions)
          .filter(([placeholder]) => placeholder.endsWith("FunctionArn"))
          .map(([, arn]) => plain(arn));
        const callable = role(template, `run-${name}`)
          .statements.filter(({ actions }) => actions.includes("lambda:InvokeFunction"))
          .flatMap(({ resources }) => resources);
        expect([name, callable.toSorted()]).toEqual([name, functions.toSorted()]);
      }
    }
  });

  test("state machines log everything and are traced", () => {
    each("AWS::StepFunctions::StateMachine", ({ Properties }) => {
      expect(Properties.LoggingConfiguration.Level).toBe("ALL");
      expect(Properties.TracingConfiguration).toEqual({ Enabled: true });
    });
  });

  test("names known ahead are the names that resources have", () => {
    for (const [, template] of primaries) {
      const machines = resourcesOf(template, "AWS::StepFunctions::StateMachine").map(([, { Properties }]) =>
        plain(Properties.StateMachineName),
      );
      const starting = rolesOf(template)
        .flatMap(({ statements }) => statements)
        .filter(({ actions }) => actions.includes("states:StartExecution"));
      expect(starting.length).toBeGreaterThan(0);
      for (const { resources } of starting)
        for (const resource of resources) expect(machines).toContain(resource.split(":").at(-1));
      const [, table] = must(resourcesOf(template, "AWS::DynamoDB::Table")[0]);
      const [, cluster] = must(resourcesOf(template, "AWS::ECS::Cluster")[0]);
      for (const [, { Properties }] of resourcesOf(template, "AWS::Lambda::Function")) {
        /** The console function is told of neither. */
        if (plain(Properties.FunctionName).endsWith("-console")) continue;
        const variables = Properties.Environment.Variables;
        expect(plain(variables.CATALOG_TABLE)).toBe(plain(table.Properties.TableName));
        expect(plain(variables.CLUSTER_ARN).split("/").at(-1)).toBe(plain(cluster.Properties.ClusterName));
      }
    }
  });

  test("a cluster without a network of its own, and not one VPC", () => {
    for (const [, template] of stacks)
      expect(Object.values(template.Resources).filter(({ Type }) => Type.startsWith("AWS::EC2::"))).toEqual([]);
  });
});

describe("functions", () => {
  test("each has its own role, log group, runtime and limits, and a name that stays", () => {
    for (const [row, template] of primaries) {
      const functions = resourcesOf(template, "AWS::Lambda::Function").map(([, { Properties }]) => Properties);
      expect(functions.map(({ FunctionName }) => plain(FunctionName)).toSorted()).toEqual(
        FUNCTION_NAMES.map((name) => `backups-<account>-${row.region}-${name}`).toSorted(),
      );
      expect(new Set(functions.map(({ Role }) => plain(Role))).size).toBe(FUNCTION_NAMES.length);
      for (const { Runtime, Architectures, Timeout, MemorySize, Handler, LoggingConfig } of functions) {
        expect([Runtime, Architectures, Handler]).toEqual(["nodejs24.x", ["arm64"], "index.handler"]);
        expect(Timeout).toBeGreaterThanOrEqual(29);
        expect(MemorySize).toBeGreaterThanOrEqual(256);
        expect(LoggingConfig.LogGroup).toBeDefined();
      }
    }
  });

  test("whoever may have to complete an interrupted seal has at least the seal's memory and time", () => {
    for (const [row, template] of primaries) {
      const sizeOf = (name: string): { MemorySize: number; Timeout: number } =>
        must(
          resourcesOf(template, "AWS::Lambda::Function").find(
            ([, { Properties }]) => plain(Properties.FunctionName) === `backups-<account>-${row.region}-${name}`,
          ),
        )[1].Properties;
      const seal = sizeOf("backup-seal");
      for (const name of ["backup-fail", "retention", "deletion"]) {
        expect([name, sizeOf(name).MemorySize >= seal.MemorySize]).toEqual([name, true]);
        expect([name, sizeOf(name).Timeout >= seal.Timeout]).toEqual([name, true]);
      }
    }
  });

  test("each but the console function, and the task, has every setting", () => {
    /** No region of the table has changed its replication region, and none of them is a recovery; one function restores. */
    const set = (shape: object): readonly string[] =>
      Object.keys(shape).filter(
        (name) => !["FORMER_REPLICAS", "RECOVERED_REGION", "RESTORE_ROLE_ARN", "DOWNLOAD_ROLE_ARN"].includes(name),
      );
    for (const [, template] of primaries) {
      const functions = resourcesOf(template, "AWS::Lambda::Function").filter(
        ([, { Properties }]) => !plain(Properties.FunctionName).endsWith("-console"),
      );
      expect(functions).toHaveLength(FUNCTION_NAMES.length - 1);
      for (const [, { Properties }] of functions)
        expect(Object.keys(Properties.Environment.Variables)).toEqual(expect.arrayContaining([...set(settings.shape)]));
      const restoring = functions.filter(([, one]) => "RESTORE_ROLE_ARN" in one.Properties.Environment.Variables);
      expect(restoring.map(([, one]) => plain(one.Properties.FunctionName))).toEqual([
        expect.stringMatching(/-instance-swap$/),
      ]);
      const [, task] = must(resourcesOf(template, "AWS::ECS::TaskDefinition")[0]);
      const names = task.Properties.ContainerDefinitions[0].Environment.map(({ Name }: { Name: string }) => Name);
      expect(names.toSorted()).toEqual(set(taskSettings.shape).toSorted());
    }
  });

  test("all regions share the functions' code", () => {
    const keys = new Set<string>();
    each("AWS::Lambda::Function", ({ Properties }) => keys.add(Properties.Code.S3Key));
    expect(keys.size).toBe(FUNCTION_NAMES.length);
  });

  test("logs are kept for the stage's time", () => {
    each("AWS::Logs::LogGroup", ({ Properties }) => expect(Properties.RetentionInDays).toBe(90));
  });
});
