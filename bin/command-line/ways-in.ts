/** The two ways to reach a service, for those who have given neither. */
import { CommandFailure, type Deployment } from "./surroundings";

export const BY_ADDRESS =
  "BACKUPS_URL (or give --url) to its address, such as https://backups.example.com/backups, and sign in with BACKUPS_USERNAME and BACKUPS_API_KEY, or with BACKUPS_TOKEN";

/** AWS's region or credentials are not known: asked for wrongly, like any other missing option. */
export class NoAwsIdentity extends CommandFailure {
  override name = "NoAwsIdentity";
  constructor(sentence: string, options?: ErrorOptions) {
    super(2, [sentence], options);
  }
}

/** For what can be asked either way, where no address was given: most people have a key, and no AWS credentials. */
export async function namingBothWays(opening: Promise<Deployment>): Promise<Deployment> {
  const deployment = await naming(opening);
  return {
    region: deployment.region,
    invoke: (...given) => naming(deployment.invoke(...given)),
    start: (...given) => naming(deployment.start(...given)),
    outcomeOf: (...given) => naming(deployment.outcomeOf(...given)),
  };
}

async function naming<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NoAwsIdentity)) throw error;
    throw new CommandFailure(
      2,
      [
        `To ask the service's API, set ${BY_ADDRESS}.`,
        "Or ask a deployment with your AWS credentials: give --stage and --region, and sign in to AWS, for example with AWS_PROFILE.",
        ...error.sentences,
      ],
      { cause: error },
    );
  }
}
