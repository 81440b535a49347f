/**
 * The address of a region: the API beneath `/api/`, and everywhere else the page, so that both share an origin and
 * the page needs no CORS. API Gateway only fences (networks, throttling, TLS, an optional firewall) and counts; the
 * functions behind it sign people in and judge what they ask for.
 *
 * A change of anything here makes a new deployment under a new logical id, and the stage moves to it in one step.
 */
import { Validations } from "aws-cdk-lib";
import {
  LambdaIntegration,
  MethodLoggingLevel,
  LogGroupLogDestination,
  RestApi,
  type CfnRestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnWebACLAssociation } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import { ipAddressType } from "../config/networks";
import type { ServiceRegion } from "../service-region";
import { accessLogFormat, accessLogGroup } from "./access-log";
import { accessPolicy } from "./access-policy";
import { answerRefusals } from "./refusals";

/** Part of every address: `https://<api>.execute-api.<region>.amazonaws.com/backups/`. */
export const API_STAGE = "backups";
const API_PATH = "api/v2";
/** TLS 1.2 and 1.3, with forward secrecy only. An API of a region would still take TLS 1.0 without it. */
const TLS_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";

export interface ServiceApiProps {
  readonly region: ServiceRegion;
  /** Answers beneath `/api/`. */
  readonly api: IFunction;
  /** Answers everywhere else. */
  readonly console: IFunction;
}

export class ServiceApi extends Construct {
  readonly api: RestApi;
  /** What a browser's address bar shows, without the path. */
  readonly origins: readonly string[];

  constructor(scope: Construct, id: string, props: ServiceApiProps) {
    super(scope, id);
    const { region } = props;
    const { row, names, stage } = region;
    const { endpoint, throttling } = stage.api;
    const vpcEndpointIds = endpoint === "private" ? (stage.api.vpcEndpoints?.[row.region] ?? []) : [];
    this.api = new RestApi(this, "Api", {
      restApiName: names.restApi(),
      description: `Backups of ${row.name}: API and page`,
      policy: accessPolicy(stage.api, vpcEndpointIds),
      /** Files of the page travel as bytes, and a browser asks for them with any Accept header. */
      binaryMediaTypes: ["*/*"],
      /** The account's setting for a region, which other APIs share: made once, with the bootstrap. */
      cloudWatchRole: false,
      deployOptions: {
        stageName: API_STAGE,
        accessLogDestination: new LogGroupLogDestination(accessLogGroup(this, region)),
        accessLogFormat,
        /** Execution logs quote paths, and a link's token is part of its path. */
        loggingLevel: MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        /** So do traces. */
        tracingEnabled: false,
        throttlingRateLimit: throttling.requestsPerSecond,
        throttlingBurstLimit: throttling.burst,
      },
    });
    /** The stack has outputs that say what they are. */
    this.api.node.tryRemoveChild("Endpoint");
    const resource = this.api.node.defaultChild as CfnRestApi;
    resource.endpointConfiguration = {
      types: [endpoint === "private" ? "PRIVATE" : "REGIONAL"],
      ipAddressType: ipAddressType(stage.api),
      ...(vpcEndpointIds.length === 0 ? {} : { vpcEndpointIds: [...vpcEndpointIds] }),
    };
    resource.securityPolicy = TLS_POLICY;
    /** Strict would refuse the host names that private DNS and endpoint-specific names bring. */
    resource.endpointAccessMode = "BASIC";
    answerRefusals(this.api);
    this.route(props);
    this.protect(region);
    this.explain(region);

    const hosts = [this.api.restApiId, ...vpcEndpointIds.map((endpointId) => `${this.api.restApiId}-${endpointId}`)];
    this.origins = hosts.map((host) => `https://${host}.execute-api.${row.region}.amazonaws.com`);
  }

  /** Of the page, with the slash that its relative addresses need. */
  get consoleUrl(): string {
    return `${this.origins[0]}/${API_STAGE}/`;
  }
  /** What stands before `/apps/…` in every call. */
  get apiUrl(): string {
    return `${this.origins[0]}/${API_STAGE}/${API_PATH}`;
  }

  private route({ api, console }: ServiceApiProps): void {
    const toApi = new LambdaIntegration(api, { allowTestInvoke: false });
    const toConsole = new LambdaIntegration(console, { allowTestInvoke: false });
    this.api.root.addResource("api").addResource("{proxy+}").addMethod("ANY", toApi);
    this.api.root.addMethod("GET", toConsole);
    this.api.root.addResource("{proxy+}").addMethod("GET", toConsole);
  }

  private protect({ row, stage }: ServiceRegion): void {
    const webAclArn = stage.api.webAclArns?.[row.region];
    if (webAclArn === undefined) return;
    new CfnWebACLAssociation(this, "Firewall", { webAclArn, resourceArn: this.api.deploymentStage.stageArn });
  }

  private explain({ row, stage }: ServiceRegion): void {
    const reasons = {
      "AwsSolutions-APIG2":
        "The API function validates every request by the schemas of its OpenAPI description, and answers in the API's own form.",
      "AwsSolutions-APIG4":
        "The API function signs people in with keys or tokens; the page's files are public, and links carry a token of their own.",
      "AwsSolutions-COG4":
        "The API function signs people in with keys or with tokens of the stage's own issuer; there is no user pool.",
      "AwsSolutions-APIG6":
        "Execution logs quote paths, in which links have their tokens; the access log has a line for every request.",
      ...(stage.api.webAclArns?.[row.region] === undefined
        ? {
            "AwsSolutions-APIG3":
              "A stage names its web ACLs in api.webAclArns; the resource policy admits named networks only.",
          }
        : {}),
    };
    for (const [id, reason] of Object.entries(reasons)) Validations.of(this).acknowledge({ id, reason });
  }
}
