/**
 * STS: roles of the templates are assumed by whom their trust policy admits, for as long as role chaining allows. The
 * session's token says when it ends, which S3's addresses are judged by.
 */
import { randomUUID } from "node:crypto";
import type { SimulatedClock } from "../clock/simulated-clock";
import type { SynthesizedApp } from "../template/app";
import { ServiceError, type LocalService } from "./gateway";
import { ROLE_SECRET, sessionToken } from "./presigned";

interface RoleProperties {
  readonly AssumeRolePolicyDocument: {
    readonly Statement: readonly {
      readonly Effect: string;
      readonly Action: string;
      readonly Principal: { readonly AWS?: string | readonly string[] };
    }[];
  };
}

const SHORTEST_SECONDS = 900;
const LONGEST_CHAINED_SECONDS = 3600;

export const stsService = (app: SynthesizedApp, clock: SimulatedClock): LocalService => {
  const roles = app.all<RoleProperties>("AWS::IAM::Role");
  return async ({ account, body }, caller) => {
    const form = new URLSearchParams(body);
    const action = form.get("Action");
    if (action !== "AssumeRole")
      throw new ServiceError("InvalidAction", `The local run does not serve STS's ${action}.`);
    const callerArn = `arn:aws:iam::${account}:role/${caller}`;
    const role = roles.find((one) => one.attribute("Arn") === form.get("RoleArn"));
    const isAdmitted = role?.properties.AssumeRolePolicyDocument.Statement.some(
      ({ Effect, Action, Principal }) =>
        Effect === "Allow" && Action === "sts:AssumeRole" && [Principal.AWS ?? []].flat().includes(callerArn),
    );
    if (role === undefined || isAdmitted !== true)
      throw new ServiceError("AccessDenied", `${callerArn} is not authorized to perform: sts:AssumeRole`);
    const seconds = Number(form.get("DurationSeconds") ?? LONGEST_CHAINED_SECONDS);
    if (!(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_CHAINED_SECONDS))
      throw new ServiceError("ValidationError", `A chained session of ${seconds} seconds is not possible.`);
    const ends = new Date(Math.floor(clock.now().getTime() / 1000) * 1000 + seconds * 1000);
    return {
      headers: { "content-type": "text/xml" },
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>${role.name}</AccessKeyId><SecretAccessKey>${ROLE_SECRET}</SecretAccessKey>
<SessionToken>${sessionToken(ends)}</SessionToken><Expiration>${ends.toISOString()}</Expiration>
</Credentials><AssumedRoleUser><Arn>${callerArn}</Arn><AssumedRoleId>${role.name}:session</AssumedRoleId></AssumedRoleUser>
</AssumeRoleResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></AssumeRoleResponse>`,
    };
  };
};
