/** Secrets Manager: the database's user and password. What a secret says appears in no message and no log. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { smallRequests, type AwsOptions } from "./aws-options";
import { isError } from "./is-error";
import { ServiceFailure } from "./collaborators";

const credentials = z.object({ username: z.string().min(1), password: z.string() });
export type DatabaseCredentials = z.infer<typeof credentials>;

/** Secrets Manager, as far as the database task needs it. */
export interface Secrets {
  /** Throws ServiceFailure: SecretMissing, SecretRefused, SecretMalformed, SecretUnavailable. */
  databaseCredentials(secretId: string): Promise<DatabaseCredentials>;
}

export class SecretsManagerSecrets implements Secrets {
  private readonly client: SecretsManagerClient;
  constructor(options: AwsOptions) {
    this.client = new SecretsManagerClient(smallRequests(options));
  }

  async databaseCredentials(secretId: string): Promise<DatabaseCredentials> {
    const text = await this.read(secretId);
    const parsed = credentials.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new ServiceFailure(
      "SecretMalformed",
      `The secret ${secretId} must be JSON with "username" and "password".`,
      false,
    );
  }

  private async read(secretId: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
    } catch (error) {
      const name = isError(error) ? error.name : "";
      const options = { cause: error };
      if (name === "ResourceNotFoundException") {
        throw new ServiceFailure(
          "SecretMissing",
          `There is no secret ${secretId}: create it or correct the registration.`,
          false,
          options,
        );
      }
      if (name === "AccessDeniedException" || name === "DecryptionFailure") {
        throw new ServiceFailure(
          "SecretRefused",
          `The secret ${secretId} may not be read: it, or its key, lacks the tag that admits the backup service.`,
          false,
          options,
        );
      }
      throw new ServiceFailure(
        "SecretUnavailable",
        `The secret ${secretId} can't be read for now (${name}).`,
        true,
        options,
      );
    }
  }
}

/** Without the parser's message, which quotes what it read. */
const parseJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
};
