/** What API Gateway answers by itself: in the templates' own words where they have some, else in API Gateway's. */
import type { SynthesizedApp } from "../template/app";
import type { HttpAnswer } from "./proxy-answer";

const OWN = {
  ACCESS_DENIED: [403, "Forbidden"],
  MISSING_AUTHENTICATION_TOKEN: [403, "Missing Authentication Token"],
  REQUEST_TOO_LARGE: [413, "Request Too Long"],
  INTEGRATION_TIMEOUT: [504, "Endpoint request timed out"],
  /** A function that failed, or gave an answer of another shape. */
  API_CONFIGURATION_ERROR: [502, "Internal server error"],
} as const;
export type RefusalType = keyof typeof OWN;

interface GatewayResponseProperties {
  readonly ResponseType: string;
  readonly StatusCode?: string;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
  /** `gatewayresponse.header.<name>` to a literal in single quotes. */
  readonly ResponseParameters?: Readonly<Record<string, string>>;
}
/** By the type's name; `DEFAULT_4XX` and `DEFAULT_5XX` stand for those that have none of their own. */
export type GatewayResponses = ReadonlyMap<string, GatewayResponseProperties>;

export const readGatewayResponses = (app: SynthesizedApp): GatewayResponses =>
  new Map(
    app
      .all<GatewayResponseProperties>("AWS::ApiGateway::GatewayResponse")
      .map(({ properties }) => [properties.ResponseType, properties]),
  );

export const refusal = (responses: GatewayResponses, type: RefusalType): HttpAnswer => {
  const [ownStatus, ownMessage] = OWN[type];
  const response = responses.get(type) ?? responses.get(ownStatus < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const template = response?.ResponseTemplates?.["application/json"] ?? '{"message":$context.error.messageString}';
  return {
    status: Number(response?.StatusCode ?? ownStatus),
    headers: { ...headersOf(response), "content-type": "application/json" },
    body: Buffer.from(template.replaceAll("$context.error.messageString", JSON.stringify(ownMessage))),
  };
};

const headersOf = ({ ResponseParameters = {} }: Partial<GatewayResponseProperties> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ResponseParameters).map(([name, value]) => [
      name.replace(/^gatewayresponse\.header\./, ""),
      value.replace(/^'(.*)'$/, "$1"),
    ]),
  );
