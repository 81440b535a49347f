/**
 * Credentials whose end is known, for addresses that outlive a request. A presigned URL ends with the credentials that
 * signed it, and a function's own have an end that nobody tells; those of a role that it assumes come with theirs.
 * Role chaining gives them an hour at most
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
 */
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { smallRequests, unavailable, type AwsOptions } from "./aws-options";
import type { Clock } from "./collaborators";

export interface SigningSession {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  readonly expiresAt: Date;
}

const SESSION_SECONDS = 3600;
/** So that whoever gets an address has it for 55 minutes at least, and lists of looks are no list of requests to STS. */
const RENEWED_AFTER_MS = 5 * 60_000;

export class SigningRole {
  private readonly client: STSClient;
  private standing: { readonly session: SigningSession; readonly begun: number } | undefined;

  constructor(
    private readonly roleArn: string,
    private readonly clock: Clock,
    options: AwsOptions,
  ) {
    this.client = new STSClient(smallRequests(options));
  }

  /** Throws ServiceUnavailable when STS does not answer, or may not be asked. */
  async session(): Promise<SigningSession> {
    const begun = this.clock.now().getTime();
    const age = begun - (this.standing?.begun ?? -Infinity);
    if (this.standing !== undefined && age >= 0 && age < RENEWED_AFTER_MS) return this.standing.session;
    const session = await this.assume();
    this.standing = { session, begun };
    return session;
  }

  private async assume(): Promise<SigningSession> {
    const action = `Assuming the role ${this.roleArn}`;
    const command = new AssumeRoleCommand({
      RoleArn: this.roleArn,
      RoleSessionName: "downloads",
      DurationSeconds: SESSION_SECONDS,
    });
    const { Credentials: given } = await this.client.send(command).catch((error: unknown) => {
      throw unavailable(action, error);
    });
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
    if (!accessKeyId || !secretAccessKey || !sessionToken || given?.Expiration === undefined)
      throw unavailable(action, "STS gave no credentials");
    return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expiresAt: given.Expiration };
  }
}
