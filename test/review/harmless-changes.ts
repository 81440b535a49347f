/** Changes that a review tells of and lets pass. */
import type { Json } from "../support/synthesized";
import type { Changed } from "./template-changes";

export interface TemplateChange {
  readonly change: string;
  readonly make: (changed: Changed) => void;
  readonly says: readonly string[];
  /** What is said besides, of a change that is refused. */
  readonly changes?: readonly string[];
}

export const HARMLESS: readonly TemplateChange[] = [
  {
    change: "a region's start moves",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::Scheduler::Schedule", "nightly-window").ScheduleExpression =
        "cron(0 1 * * ? *)";
    },
    says: ["Osaka's start moves from 00:00 to 01:00 UTC."],
  },
  {
    change: "a region's window gets longer",
    make: (changed) => {
      const { Variables } = changed.properties("Primary-Osaka", "AWS::Lambda::Function", "nightly-window").Environment;
      Variables.WINDOW = Variables.WINDOW.replace('"durationMinutes":60', '"durationMinutes":120');
    },
    says: ["Osaka's window lasts 120 minutes instead of 60."],
  },
  {
    change: "a retention gets longer",
    make: (changed) => {
      changed.rules.retention.weekly = { months: 6 };
    },
    says: ["Weekly snapshots taken from now on are kept 6 months instead of 3 months."],
  },
  {
    change: "an alarm's threshold",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::CloudWatch::Alarm", "backup-failed").Threshold = 3;
    },
    says: ['In Osaka, the threshold of the alarm "backup-failed" changes from 1 to 3.'],
  },
  {
    change: "an alarm is removed",
    make: (changed) => {
      delete changed.stack("Primary-Osaka").template.Resources[
        changed.logicalId("Primary-Osaka", "AWS::CloudWatch::Alarm", "upload-failed")
      ];
    },
    says: ['In Osaka, nobody is told any more by the alarm "upload-failed", which is removed.'],
  },
  {
    change: "someone else is told of failures",
    make: (changed) => {
      changed.stack("Primary-Osaka").template.Resources.Somebody = {
        Type: "AWS::SNS::Subscription",
        Properties: { Endpoint: "night@example.com", Protocol: "email", TopicArn: { Ref: "Topic" } },
      };
    },
    says: ["In Osaka, night@example.com is told of failures."],
  },
  {
    change: "a function gets more memory and time",
    make: (changed) => {
      const properties = changed.properties("Primary-Osaka", "AWS::Lambda::Function", "restoreFunction");
      properties.MemorySize = 3008;
      properties.Timeout = 60;
    },
    says: [
      'In Osaka, the function "restore" gets 3008 MB of memory instead of 1769.',
      'In Osaka, the function "restore" may run 60 s instead of 900.',
    ],
  },
  {
    change: "the database task gets more processors",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").Cpu = "4096";
    },
    says: ['In Osaka, the task "database-task" gets 4096 CPU units instead of 2048.'],
  },
  {
    change: "the database task runs another image",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ECS::TaskDefinition").ContainerDefinitions[0].Image =
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:2";
    },
    says: [
      'In Osaka, the task "database-task" runs the image 123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:2 instead of <account>.dkr.ecr.<region>.<AWS::URLSuffix>/cdk-hnb659fds-container-assets-<a....',
    ],
  },
  {
    change: "states of a workflow",
    make: (changed) => {
      const properties = changed.properties("Primary-Osaka", "AWS::StepFunctions::StateMachine", "deletion");
      const definition = JSON.parse(properties.DefinitionString);
      const [first] = Object.keys(definition.States);
      definition.States[first as string].TimeoutSeconds = 1;
      definition.States["Look once more"] = { Type: "Succeed" };
      properties.DefinitionString = JSON.stringify(definition);
    },
    says: ['In Osaka, the workflow "deletion" changes Queue, gains Look once more.'],
  },
  {
    change: "logs are kept shorter",
    make: (changed) => {
      for (const { template } of changed.stacks)
        for (const { Type, Properties } of Object.values<Json>(template.Resources))
          if (Type === "AWS::Logs::LogGroup") Properties.RetentionInDays = 30;
    },
    says: ["In every region, logs are kept 30 days instead of 90."],
  },
  {
    change: "lock mode becomes compliance",
    make: (changed) => {
      for (const { template } of changed.stacks)
        for (const { Type, Properties } of Object.values<Json>(template.Resources))
          if (Type === "AWS::Lambda::Function" && Properties.Environment.Variables.LOCK_MODE !== undefined)
            Properties.Environment.Variables.LOCK_MODE = "COMPLIANCE";
    },
    says: [
      "In every region, new snapshots are locked in compliance mode instead of governance: nobody can delete them before their expiry.",
    ],
  },
  {
    change: "a role loses an action",
    make: (changed) => {
      const statements = changed.statements("Primary-Osaka", "deletion");
      statements.pop();
    },
    says: ['In Osaka, what the role "deletion" allows is written otherwise, and is no more than before.'],
  },
  {
    change: "a role's resource becomes narrower, and its conditions stricter",
    make: (changed) => {
      const [statement] = changed.statements("Primary-Osaka", "replication");
      statement.Condition = { StringEquals: { "aws:ResourceAccount": { Ref: "AWS::AccountId" } } };
    },
    says: ['In Osaka, what the role "replication" allows is written otherwise, and is no more than before.'],
  },
  {
    change: "the API's addresses become IPv4 only",
    make: (changed) => {
      changed.before = (earlier) =>
        (earlier.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration.IpAddressType =
          "dualstack");
    },
    says: [
      "In Osaka, API and page are reached by IPv4 only, because no IPv6 network is allowed; until now by IPv4 and IPv6.",
    ],
  },
  {
    change: "an IPv6 network is allowed, so the API gets IPv6 addresses",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration.IpAddressType = "dualstack";
    },
    says: ["In Osaka, API and page are reached by IPv4 and IPv6; until now by IPv4 only."],
  },
  {
    change: "the API becomes private",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::RestApi").EndpointConfiguration = {
        IpAddressType: "dualstack",
        Types: ["PRIVATE"],
        VpcEndpointIds: ["vpce-0123456789abcdef0"],
      };
    },
    says: [
      "In Osaka, API and page are reached by IPv4 and IPv6; until now by IPv4 only.",
      'In Osaka, Types of the API "api" becomes ["PRIVATE"] instead of ["REGIONAL"].',
      'In Osaka, VpcEndpointIds of the API "api" becomes ["vpce-0123456789abcdef0"] instead of nothing.',
    ],
  },
  {
    change: "another throttle",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::ApiGateway::Stage").MethodSettings[0].ThrottlingRateLimit = 50;
    },
    says: ["In Osaka, API and page answer at most 50 requests a second instead of 100."],
  },
  {
    change: "what no rule knows",
    make: (changed) => {
      changed.properties("Primary-Osaka", "AWS::SQS::Queue").VisibilityTimeout = 60;
    },
    says: ['In Osaka, VisibilityTimeout of the queue "undelivered-events" becomes 60 instead of nothing.'],
  },
];
