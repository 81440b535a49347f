/** A cloud assembly of one stack with a REST API, as small as it can be, in a folder of its own. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SynthesizedApp } from "../../local/template/app";

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

const integration = (logicalId: string): Record<string, unknown> => ({
  Type: "AWS_PROXY",
  IntegrationHttpMethod: "POST",
  Uri: {
    "Fn::Join": [
      "",
      [
        "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/",
        { "Fn::GetAtt": [logicalId, "Arn"] },
        "/invocations",
      ],
    ],
  },
});
const method = (ResourceId: unknown, HttpMethod: string, logicalId: string) => ({
  Type: "AWS::ApiGateway::Method",
  Properties: {
    RestApiId: { Ref: "Api" },
    ResourceId,
    HttpMethod,
    AuthorizationType: "NONE",
    Integration: integration(logicalId),
  },
});
const resource = (ParentId: unknown, PathPart: string) => ({
  Type: "AWS::ApiGateway::Resource",
  Properties: { RestApiId: { Ref: "Api" }, ParentId, PathPart },
});
const permission = (logicalId: string, path: string) => ({
  Type: "AWS::Lambda::Permission",
  Properties: {
    Action: "lambda:InvokeFunction",
    FunctionName: { "Fn::GetAtt": [logicalId, "Arn"] },
    Principal: "apigateway.amazonaws.com",
    SourceArn: { "Fn::Sub": `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/backups/${path}` },
  },
});

const ROOT = { "Fn::GetAtt": ["Api", "RootResourceId"] };

export const smallApi = (): Resources => ({
  Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "backups", BinaryMediaTypes: ["*/*"] } },
  Deployment: { Type: "AWS::ApiGateway::Deployment", Properties: { RestApiId: { Ref: "Api" } } },
  Stage: {
    Type: "AWS::ApiGateway::Stage",
    Properties: {
      RestApiId: { Ref: "Api" },
      DeploymentId: { Ref: "Deployment" },
      StageName: "backups",
      AccessLogSetting: {
        Format: '{"resource":"$context.resourcePath","status":$context.status,"x":"$context.error.message"}',
      },
    },
  },
  ApiFunction: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "api" } },
  Page: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "page" } },
  ApiPart: resource(ROOT, "api"),
  ApiRest: resource({ Ref: "ApiPart" }, "{proxy+}"),
  PageRest: resource(ROOT, "{proxy+}"),
  AnyApi: method({ Ref: "ApiRest" }, "ANY", "ApiFunction"),
  GetRoot: method(ROOT, "GET", "Page"),
  GetPage: method({ Ref: "PageRest" }, "GET", "Page"),
  MayApi: permission("ApiFunction", "*/api/*"),
  MayRoot: permission("Page", "GET/"),
  MayPage: permission("Page", "GET/*"),
});

export const assemble = (Resources: Resources): SynthesizedApp => {
  const folder = mkdtempSync(join(tmpdir(), "small-assembly-"));
  const artifact = {
    type: "aws:cloudformation:stack",
    environment: "aws://123456789012/eu-central-1",
    properties: { templateFile: "small.template.json" },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ artifacts: { Small: artifact } }));
  writeFileSync(join(folder, "small.template.json"), JSON.stringify({ Resources }));
  return new SynthesizedApp(folder, "123456789012");
};
