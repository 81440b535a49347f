/**
 * The REST API of the templates: its resource tree, methods and stage. Whatever of it the local run does not serve
 * as API Gateway would is an error at the start.
 */
import { readGatewayResponses, type GatewayResponses } from "./refusals";
import { matches } from "../permissions/evaluate";
import type { AppResource, SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";

export interface ApiMethod {
  /** `ANY` for every method. */
  readonly httpMethod: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}
export interface ApiResource {
  readonly id: string;
  /** Parts of the path; `{name}` stands for one part, `{name+}` for the rest. */
  readonly parts: readonly string[];
  readonly methods: readonly ApiMethod[];
}
export interface RestApi {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly stage: string;
  readonly binaryMediaTypes: readonly string[];
  readonly resources: readonly ApiResource[];
  readonly gatewayResponses: GatewayResponses;
  /** Line of the access log, with `$context` variables; absent without an access log. */
  readonly accessLogFormat?: string;
}

/** API Gateway's own limit, which no setting raises here. */
const LONGEST_INTEGRATION_MS = 29_000;

interface RestApiProperties {
  readonly BinaryMediaTypes?: readonly string[];
  readonly [property: string]: unknown;
}
interface ResourceProperties {
  readonly RestApiId: string;
  readonly ParentId: string;
  readonly PathPart: string;
}
interface MethodProperties {
  readonly RestApiId: string;
  readonly ResourceId: string;
  readonly HttpMethod: string;
  readonly AuthorizationType?: string;
  readonly ApiKeyRequired?: boolean;
  readonly Integration?: {
    readonly Type?: string;
    readonly Uri?: string;
    readonly TimeoutInMillis?: number;
    readonly [property: string]: unknown;
  };
  readonly [property: string]: unknown;
}
interface StageProperties {
  readonly RestApiId: string;
  readonly AccessLogSetting?: { readonly Format?: string };
  readonly [property: string]: unknown;
}
interface PermissionProperties {
  readonly Action: string;
  readonly FunctionName: string;
  readonly Principal: string;
  readonly SourceArn?: string;
}

/** Properties that change nothing on loopback, or that `cannot-show.ts` names. */
const WITHOUT_EFFECT = {
  restApi:
    /^(Name|Description|EndpointConfiguration|Policy|BinaryMediaTypes|DisableExecuteApiEndpoint|Tags|FailOnWarnings|SecurityPolicy|EndpointAccessMode|ApiKeySourceType)$/,
  method:
    /^(RestApiId|ResourceId|HttpMethod|AuthorizationType|ApiKeyRequired|Integration|OperationName|RequestParameters|MethodResponses)$/,
  integration:
    /^(Type|Uri|TimeoutInMillis|IntegrationHttpMethod|PassthroughBehavior|CacheNamespace|CacheKeyParameters)$/,
  stage: /^(RestApiId|DeploymentId|StageName|Description|MethodSettings|AccessLogSetting|TracingEnabled|Tags)$/,
} as const;

/** Throws TemplateNotSupported for what is not understood. */
export const readRestApi = (app: SynthesizedApp): RestApi => {
  const [api, second] = app.all<RestApiProperties>("AWS::ApiGateway::RestApi");
  if (api === undefined) throw new Error("The synthesized app has no REST API.");
  if (second !== undefined) refuse(second, "the local run serves one REST API");
  assertKnown(api, api.properties, WITHOUT_EFFECT.restApi);
  const [stage, anotherStage] = app.all<StageProperties>("AWS::ApiGateway::Stage");
  if (stage === undefined || anotherStage !== undefined)
    return refuse(api, "the local run serves a REST API of one stage");
  assertKnown(stage, stage.properties, WITHOUT_EFFECT.stage);
  const accessLogFormat = stage.properties.AccessLogSetting?.Format;
  const shared = { id: api.ref, account: app.account, region: api.region, stage: stage.name };
  return {
    ...shared,
    binaryMediaTypes: api.properties.BinaryMediaTypes ?? [],
    resources: readResources(app, api, shared),
    gatewayResponses: readGatewayResponses(app),
    ...(accessLogFormat === undefined ? {} : { accessLogFormat }),
  };
};

type Identity = Pick<RestApi, "id" | "account" | "region" | "stage">;

const readResources = (app: SynthesizedApp, api: AppResource, identity: Identity): readonly ApiResource[] => {
  const byId = new Map(
    app.all<ResourceProperties>("AWS::ApiGateway::Resource").map((resource) => [resource.ref, resource]),
  );
  const root = api.attribute("RootResourceId");
  const partsOf = (id: string): readonly string[] => {
    if (id === root) return [];
    const resource = byId.get(id);
    if (resource === undefined) return refuse(api, `no resource has the id ${id}`);
    return [...partsOf(resource.properties.ParentId), resource.properties.PathPart];
  };
  const methods = app.all<MethodProperties>("AWS::ApiGateway::Method");
  return [root, ...byId.keys()].map((id) => {
    const parts = partsOf(id);
    const own = methods.filter(({ properties }) => properties.ResourceId === id);
    return { id, parts, methods: own.map((method) => readMethod(app, method, parts, identity)) };
  });
};

const readMethod = (
  app: SynthesizedApp,
  method: AppResource<MethodProperties>,
  parts: readonly string[],
  identity: Identity,
): ApiMethod => {
  const { HttpMethod, AuthorizationType = "NONE", ApiKeyRequired = false, Integration = {} } = method.properties;
  assertKnown(method, method.properties, WITHOUT_EFFECT.method);
  assertKnown(method, Integration, WITHOUT_EFFECT.integration);
  if (AuthorizationType !== "NONE" || ApiKeyRequired)
    refuse(method, `the local run does not know the authorization ${AuthorizationType} or API Gateway's own keys`);
  if (Integration.Type !== "AWS_PROXY")
    refuse(method, `the local run knows integrations of the type AWS_PROXY only, not ${Integration.Type}`);
  const functionArn = /:lambda:path\/2015-03-31\/functions\/(arn:[^/]+)\/invocations$/.exec(Integration.Uri ?? "")?.[1];
  if (functionArn === undefined) return refuse(method, `its integration's address ${Integration.Uri} is no function's`);
  assertPermitted(app, method, functionArn, HttpMethod, parts, identity);
  return {
    httpMethod: HttpMethod,
    functionArn,
    timeoutMs: Math.min(Integration.TimeoutInMillis ?? LONGEST_INTEGRATION_MS, LONGEST_INTEGRATION_MS),
  };
};

/** Without the function's own permission for this API, API Gateway answers 500. */
const assertPermitted = (
  app: SynthesizedApp,
  method: AppResource<MethodProperties>,
  functionArn: string,
  httpMethod: string,
  parts: readonly string[],
  { id, account, region, stage }: Identity,
): void => {
  const asked = [
    `arn:aws:execute-api:${region}:${account}:${id}`,
    stage,
    httpMethod === "ANY" ? "*" : httpMethod,
    ...(parts.length === 0 ? [""] : parts.map((part) => (part.startsWith("{") ? "*" : part))),
  ].join("/");
  const permitted = app
    .all<PermissionProperties>("AWS::Lambda::Permission")
    .filter(({ properties }) => properties.Principal === "apigateway.amazonaws.com")
    .filter(({ properties }) => properties.Action === "lambda:InvokeFunction")
    .filter(
      ({ properties: { FunctionName } }) => FunctionName === functionArn || functionArn.endsWith(`:${FunctionName}`),
    )
    .some(({ properties }) => matches(properties.SourceArn ?? "*", asked));
  if (!permitted) refuse(method, `no Lambda permission lets API Gateway invoke ${functionArn} for it`);
};

type Place = Pick<AppResource, "stack" | "logicalId">;

const assertKnown = (resource: Place & Pick<AppResource, "type">, properties: object, known: RegExp): void => {
  const unknown = Object.keys(properties).find((name) => !known.test(name));
  if (unknown !== undefined)
    refuse(resource, `the local run does not know the property ${unknown} of ${resource.type}`);
};

const refuse = ({ stack, logicalId }: Place, problem: string): never => {
  throw new TemplateNotSupported(stack.name, logicalId, problem);
};
