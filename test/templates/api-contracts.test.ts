/** Named contracts: who reaches the API and the page, and what is written down of it, in every region. */
import { apiSettings } from "../../lambda/api/contract";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { must } from "../support/must";
import type { Json, Resource, Template } from "../support/synthesized";
import { each, functionRole, primaries } from "./deployed";
import { allows, plain, plainDeep, resourcesOf, rolesOf, statementsOf } from "./policies";

const only = (template: Template, type: string): [logicalId: string, properties: Json] => {
  const [found, ...others] = resourcesOf(template, type);
  expect(others).toEqual([]);
  const [logicalId, { Properties }] = must(found);
  return [logicalId, Properties];
};
const functionOf = (template: Template, name: string): [string, Resource] =>
  must(
    resourcesOf(template, "AWS::Lambda::Function").find(([, { Properties }]) =>
      new RegExp(`-\\d-${name}$`).test(plain(Properties.FunctionName)),
    ),
  );
const pathOf = (template: Template, resourceId: string): string => {
  const resource = template.Resources[resourceId];
  if (resource?.Type !== "AWS::ApiGateway::Resource") return "";
  return `${pathOf(template, plain(resource.Properties.ParentId).slice(1, -1))}/${resource.Properties.PathPart}`;
};

describe("the API's fence", () => {
  test("the API refuses networks that are not named: none in the default stage", () => {
    for (const [, template] of primaries) {
      const [, { Policy }] = only(template, "AWS::ApiGateway::RestApi");
      expect(statementsOf(Policy).filter(({ effect }) => effect === "Deny")).toEqual([
        {
          effect: "Deny",
          actions: ["execute-api:Invoke"],
          resources: ["execute-api:/*"],
          principals: ["*"],
          conditions: undefined,
        },
      ]);
    }
  });

  test("TLS 1.2 at least, a regional address, and bytes of any kind", () => {
    each("AWS::ApiGateway::RestApi", ({ Properties }) => {
      expect(Properties.SecurityPolicy).toMatch(/^SecurityPolicy_TLS13_1_2_/);
      expect(Properties.EndpointConfiguration.Types).toEqual(["REGIONAL"]);
      expect(Properties.BinaryMediaTypes).toEqual(["*/*"]);
    });
  });

  test("the whole stage is throttled", () => {
    each("AWS::ApiGateway::Stage", ({ Properties }) => {
      expect(Properties.StageName).toBe("backups");
      expect(Properties.MethodSettings).toEqual([
        expect.objectContaining({
          HttpMethod: "*",
          ResourcePath: "/*",
          ThrottlingRateLimit: 100,
          ThrottlingBurstLimit: 200,
        }),
      ]);
    });
  });

  test("no access log holds a path with a token, a query or a header, and nothing else logs or traces requests", () => {
    const KNOWN = [
      "$context.error.responseType",
      "$context.httpMethod",
      "$context.identity.sourceIp",
      "$context.requestId",
      "$context.requestTime",
      "$context.resourcePath",
      "$context.responseLatency",
      "$context.responseLength",
      "$context.status",
      "$context.tlsVersion",
    ];
    for (const [, template] of primaries) {
      const [, stage] = only(template, "AWS::ApiGateway::Stage");
      const format = JSON.parse(stage.AccessLogSetting.Format) as Record<string, string>;
      expect(Object.values(format).toSorted()).toEqual(KNOWN);
      const [logGroupId] = must(
        resourcesOf(template, "AWS::Logs::LogGroup").find(([, { Properties }]) =>
          plain(Properties.LogGroupName).startsWith("/aws/apigateway/"),
        ),
      );
      expect(plain(stage.AccessLogSetting.DestinationArn)).toMatch(new RegExp(`:log-group:<${logGroupId}>$`));
      expect(stage.TracingEnabled).not.toBe(true);
      for (const { LoggingLevel, DataTraceEnabled } of stage.MethodSettings)
        expect([LoggingLevel, DataTraceEnabled]).toEqual(["OFF", false]);
    }
  });

  test("the account's log role of a region is nobody's stack's", () => {
    for (const [, template] of primaries) expect(resourcesOf(template, "AWS::ApiGateway::Account")).toEqual([]);
  });

  test("what API Gateway answers by itself has the API's form", () => {
    const CODES = ["INVALID_PARAMETERS", "NO_ACCESS", "NOT_FOUND", "SERVICE_UNAVAILABLE"];
    each("AWS::ApiGateway::GatewayResponse", ({ Properties }) => {
      const body = JSON.parse(Properties.ResponseTemplates["application/json"]) as Record<string, string>;
      expect(Object.keys(body)).toEqual(["errorCode", "errorMessage"]);
      expect(CODES).toContain(body["errorCode"]);
      expect(body["errorMessage"]).toMatch(/^[A-Z].+\.$/);
      // Whoever is told to come again is told when, in seconds.
      const retryAfter = Properties.ResponseParameters?.["gatewayresponse.header.Retry-After"] as string | undefined;
      expect([Properties.StatusCode, retryAfter]).toEqual([
        Properties.StatusCode,
        Properties.StatusCode === "429" ? expect.stringMatching(/^'\d+'$/) : undefined,
      ]);
    });
  });
});

describe("routes", () => {
  test("the API answers beneath /api/, the page everywhere else, and neither is called by anybody else", () => {
    for (const [, template] of primaries) {
      const [apiId] = only(template, "AWS::ApiGateway::RestApi");
      const [stageId] = only(template, "AWS::ApiGateway::Stage");
      const targets = { api: functionOf(template, "api")[0], console: functionOf(template, "console")[0] };
      const routes = resourcesOf(template, "AWS::ApiGateway::Method").map(([, { Properties }]) => {
        const uri = plain(Properties.Integration.Uri);
        const target = Object.entries(targets).find(([, id]) => uri.includes(`<${id}.Arn>`))?.[0];
        const path = pathOf(template, plain(Properties.ResourceId).slice(1, -1));
        return `${Properties.HttpMethod} ${path || "/"} → ${target}`;
      });
      expect(routes.toSorted()).toEqual(["ANY /api/{proxy+} → api", "GET / → console", "GET /{proxy+} → console"]);

      const callers = resourcesOf(template, "AWS::Lambda::Permission").map(([, { Properties }]) => [
        plain(Properties.FunctionName),
        Properties.Principal,
        plain(Properties.SourceArn).replace(/^arn:aws:execute-api:[a-z0-9-]+:<account>:/, ""),
      ]);
      expect(callers.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(
        [
          [`<${targets.api}.Arn>`, "apigateway.amazonaws.com", `<${apiId}>/<${stageId}>/*/api/*`],
          [`<${targets.console}.Arn>`, "apigateway.amazonaws.com", `<${apiId}>/<${stageId}>/GET/`],
          [`<${targets.console}.Arn>`, "apigateway.amazonaws.com", `<${apiId}>/<${stageId}>/GET/*`],
        ].toSorted((a, b) => String(a).localeCompare(String(b))),
      );
    }
  });

  test("functions behind the API end before API Gateway gives up on them", () => {
    for (const [, template] of primaries)
      for (const name of ["api", "console"])
        expect(functionOf(template, name)[1].Properties.Timeout).toBeLessThanOrEqual(29);
  });

  test("whatever the deployment holds is made before it", () => {
    for (const [, template] of primaries) {
      const [, deployment] = must(resourcesOf(template, "AWS::ApiGateway::Deployment")[0]);
      const parts = ["Method", "Resource", "GatewayResponse"].flatMap((part) =>
        resourcesOf(template, `AWS::ApiGateway::${part}`).map(([id]) => id),
      );
      expect(deployment.DependsOn).toEqual(expect.arrayContaining(parts));
    }
  });

  test("the page's uploads may come from the API's own origin, over TLS, and from nowhere else", () => {
    for (const [row, template] of primaries) {
      const [apiId] = only(template, "AWS::ApiGateway::RestApi");
      const cors = resourcesOf(template, "AWS::S3::Bucket").flatMap(([, { Properties }]) =>
        Properties.CorsConfiguration === undefined
          ? []
          : [[plain(Properties.BucketName), plainDeep(Properties.CorsConfiguration.CorsRules)]],
      );
      expect(cors).toEqual([
        [
          `backups-<account>-${row.region}-transfer`,
          [
            {
              Id: "uploads-from-the-page",
              AllowedOrigins: [`https://<${apiId}>.execute-api.${row.region}.amazonaws.com`],
              AllowedMethods: ["PUT"],
              AllowedHeaders: ["content-type"],
              MaxAge: 3600,
            },
          ],
        ],
      ]);
    }
  });

  test("outputs tell where page and API are, and who may reach them", () => {
    for (const [row, template] of primaries) {
      const [apiId] = only(template, "AWS::ApiGateway::RestApi");
      const value = (name: string): string => plain((must(template.Outputs)[name] as Json).Value);
      const origin = `https://<${apiId}>.execute-api.${row.region}.amazonaws.com`;
      expect([value("ConsoleUrl"), value("ApiUrl"), value("ApiNetworks")]).toEqual([
        `${origin}/backups/`,
        `${origin}/backups/api/v2`,
        "none",
      ]);
      expect(value("AccessFunction")).toBe(`<${functionOf(template, "access")[0]}>`);
    }
  });
});

describe("what the functions know", () => {
  test("the API is told the whole nightly table, and which of its regions are deployed", () => {
    for (const [, template] of primaries) {
      const { API } = functionOf(template, "api")[1].Properties.Environment.Variables;
      const { oidc, regions } = apiSettings.parse(JSON.parse(API));
      expect(oidc).toBeNull();
      expect(regions).toEqual(
        NIGHTLY_TABLE.map(({ name, region, replication, startUtc, durationMinutes }) => ({
          name,
          region,
          replicationName: replication.name,
          replicationRegion: replication.region,
          startUtc,
          durationMinutes,
          deployed: true,
        })),
      );
    }
  });

  test("the variables of a function fit Lambda's 4 KB, with room for the longest prefix and an issuer of tokens", () => {
    const LIMIT = 4096;
    const ROOM = 600;
    each("AWS::Lambda::Function", ({ Properties }) => {
      const variables = Object.entries(Properties.Environment?.Variables ?? {});
      const bytes = variables.reduce(
        (sum, [name, value]) => sum + Buffer.byteLength(name + plain(value).replaceAll("<account>", "0".repeat(12))),
        0,
      );
      expect([plain(Properties.FunctionName), bytes < LIMIT - ROOM, bytes]).toEqual([
        plain(Properties.FunctionName),
        true,
        bytes,
      ]);
    });
  });

  test("the console function has no permissions but its logs and traces, and is told only where uploads go", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "console");
      expect(statements.flatMap(({ actions }) => actions).toSorted()).toEqual([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ]);
      const { Variables } = functionOf(template, "console")[1].Properties.Environment;
      expect(plainDeep(Variables)).toEqual({
        STORAGE_ORIGIN: `https://backups-<account>-${row.region}-transfer.s3.${row.region}.amazonaws.com`,
      });
    }
  });
});

describe("what people's functions may do", () => {
  const bucket = (region: string, kind: string): string => `arn:aws:s3:::backups-<account>-${region}-${kind}`;

  test("only those who make, hand out, take or sweep archives and uploads touch the transfer bucket", () => {
    for (const [row, template] of primaries) {
      const touching = (action: string, key: string): string[] =>
        rolesOf(template)
          .filter(({ statements }) => allows(statements, action, `${bucket(row.region, "transfer")}/${key}`))
          .map(({ name }) => must(name.split(`-${row.region}-`)[1]))
          .toSorted();
      expect({
        readArchives: touching("s3:GetObject", "archives/id/file"),
        writeArchives: touching("s3:PutObject", "archives/id/file"),
        deleteArchives: touching("s3:DeleteObject", "archives/id/file"),
        readUploads: touching("s3:GetObject", "uploads/id/archive"),
        writeUploads: touching("s3:PutObject", "uploads/id/archive"),
        deleteUploads: touching("s3:DeleteObject", "uploads/id/archive"),
        anythingElse: touching("s3:PutObject", "other"),
      }).toEqual({
        readArchives: ["archive", "database-task", "downloads"],
        writeArchives: ["archive", "database-task"],
        deleteArchives: ["retention"],
        readUploads: ["api", "database-task"],
        writeUploads: ["api"],
        deleteUploads: ["api", "database-task", "retention"],
        anythingElse: [],
      });
    }
  });

  test("the API reads manifests, file indexes and records, no data, and writes nothing of a snapshot", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "api");
      const place = "replicated/shop/snapshots/s-1";
      for (const kind of ["primary", "replica"]) {
        const may = (action: string, key: string): boolean =>
          allows(statements, action, `${bucket(row.region, kind)}/${key}`);
        for (const key of [`${place}/a-1/database.gz`, "replicated/shop/packs/p.tar.gz"])
          for (const action of ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion"])
            expect([kind, key, action, may(action, key)]).toEqual([kind, key, action, false]);
        for (const key of [`${place}/manifest.json`, `${place}/a-1/files/000000-000000.ndjson.gz`]) {
          expect([kind, key, may("s3:GetObjectVersion", key)]).toEqual([kind, key, true]);
          for (const action of ["s3:PutObject", "s3:PutObjectRetention", "s3:DeleteObjectVersion"])
            expect([kind, action, key, may(action, key)]).toEqual([kind, action, key, false]);
        }
      }
      expect(
        allows(statements, "s3:PutObject", `${bucket(row.region, "primary")}/replicated/shop/records/audit/x.json`),
      ).toBe(true);
      expect(
        allows(statements, "s3:PutObject", `${bucket(row.region, "replica")}/replicated/shop/records/audit/x.json`),
      ).toBe(false);
    }
  });

  test("archives are copied from snapshots, which stay as they are", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "archive");
      for (const kind of ["primary", "replica"]) {
        expect(
          allows(statements, "s3:GetObjectVersion", `${bucket(row.region, kind)}/replicated/shop/packs/p.tar.gz`),
        ).toBe(true);
        for (const action of ["s3:PutObject", "s3:PutObjectRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"])
          expect([
            kind,
            action,
            allows(statements, action, `${bucket(row.region, kind)}/replicated/shop/packs/p.tar.gz`),
          ]).toEqual([kind, action, false]);
      }
    }
  });

  test("who may sign in is changed by the access function, which reaches no snapshot", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "access");
      const s3 = statements.filter(({ actions }) => actions.some((action) => action.startsWith("s3:")));
      expect(s3.map(({ actions, resources }) => [actions, resources])).toEqual([
        [["s3:PutObject"], [`${bucket(row.region, "primary")}/service/records/*`]],
      ]);
    }
  });

  test("the API starts exactly the workflows that people ask for", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "api");
      const started = statements
        .filter(({ actions }) => actions.includes("states:StartExecution"))
        .flatMap(({ resources }) => resources.map((resource) => must(resource.split(`-${row.region}-`)[1])));
      expect(started.toSorted()).toEqual([
        "archive",
        "backup",
        "deletion",
        "drill",
        "keep",
        "probe",
        "restore",
        "upload",
      ]);
    }
  });

  test("registering looks for another environment in the same mode, by environments' kind, and lists nothing else", () => {
    for (const [row, template] of primaries) {
      const { statements } = functionRole(template, row, "registration");
      const queried = statements
        .filter(({ actions }) => actions.includes("dynamodb:Query"))
        .flatMap(({ resources }) => resources);
      expect(queried).toEqual([expect.stringMatching(/\/index\/by-type$/)]);
      expect(allows(statements, "dynamodb:Scan")).toBe(false);
    }
  });

  test("only the API, the nightly window, the backup's Begin and the restore ask RDS how instances are; AWS Backup has roles of its own", () => {
    for (const [row, template] of primaries) {
      const ofService = rolesOf(template).filter(({ name }) => !/-(recovery-points|restoring)$/.test(name));
      const asking = ofService.flatMap(({ name, statements }) =>
        statements.some(({ actions }) => actions.includes("rds:DescribeDBInstances")) ? [name] : [],
      );
      const names = ["api", "backup-begin", "instance-swap", "nightly-window", "restore"];
      expect(asking.toSorted()).toEqual(names.map((name) => functionRole(template, row, name).name));
    }
  });
});

test("a stack stays far from CloudFormation's 500 resources and 1 MB", () => {
  for (const [row, template] of primaries) {
    expect([row.name, Object.keys(template.Resources).length < 300]).toEqual([row.name, true]);
    expect([row.name, JSON.stringify(template).length < 700_000]).toEqual([row.name, true]);
  }
});
