/**
 * Lambda: runs each function from its asset folder with the template's environment variables, its own role's
 * credentials, timeout and memory. Processes are kept warm; a busy function gets another process, up to a limit.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { STORAGE_ORIGIN_VARIABLE } from "../../lambda/console/contract";
import type { SimulatedClock } from "../clock/simulated-clock";
import { ROLE_SECRET } from "../gateway/presigned";
import type { AppResource, SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";
import { FunctionFailure, FunctionProcess } from "./function-process";
import { Turns } from "./turns";

interface FunctionProperties {
  readonly Code: { readonly S3Key?: string };
  readonly Handler: string;
  readonly Runtime: string;
  readonly Role: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}
export interface FunctionsOptions {
  readonly bootstrap: string;
  readonly endpoint: string;
  readonly clock: SimulatedClock;
  readonly logFolder: string;
}
export interface FunctionTiming {
  invocations: number;
  failures: number;
  milliseconds: number;
}

/** Of one function. Each takes some 100 MB here; a hundred queued backups all ask at the same minute. */
const PROCESSES_AT_ONCE = 8;

export class Functions {
  private readonly byArn: ReadonlyMap<string, AppResource<FunctionProperties>>;
  private readonly turns: ReadonlyMap<string, Turns>;
  private readonly idle = new Map<string, FunctionProcess[]>();
  readonly timings = new Map<string, FunctionTiming>();

  constructor(
    app: SynthesizedApp,
    private readonly options: FunctionsOptions,
  ) {
    this.byArn = new Map(
      app.all<FunctionProperties>("AWS::Lambda::Function").map((resource) => [resource.attribute("Arn"), resource]),
    );
    this.turns = new Map([...this.byArn.keys()].map((arn) => [arn, new Turns(PROCESSES_AT_ONCE)]));
  }

  get arns(): readonly string[] {
    return [...this.byArn.keys()];
  }

  /**
   * Rejects with a FunctionFailure named as Step Functions would see it. `onBegin` hears when the function's turn has
   * come.
   */
  async invoke(functionArn: string, payload: unknown, onBegin?: () => void): Promise<unknown> {
    const definition = this.byArn.get(functionArn);
    const turns = this.turns.get(functionArn);
    if (definition === undefined || turns === undefined)
      throw new FunctionFailure("Lambda.ResourceNotFoundException", {
        errorType: "ResourceNotFoundException",
        errorMessage: `Function not found: ${functionArn}`,
      });
    return this.options.clock.during(() =>
      turns.take(() => {
        onBegin?.();
        return this.run(definition, functionArn, payload);
      }),
    );
  }

  private async run(
    definition: AppResource<FunctionProperties>,
    functionArn: string,
    payload: unknown,
  ): Promise<unknown> {
    const timeoutMs = (definition.properties.Timeout ?? 3) * 1000;
    const timing = this.timings.get(definition.name) ?? { invocations: 0, failures: 0, milliseconds: 0 };
    this.timings.set(definition.name, timing);
    const running = this.take(definition);
    const start = Date.now();
    timing.invocations += 1;
    try {
      return await running.invoke(
        {
          payload: JSON.stringify(payload),
          requestId: randomUUID(),
          clockOffsetMs: this.options.clock.offsetMs,
          deadline: start + timeoutMs,
          functionArn,
        },
        timeoutMs,
      );
    } catch (error) {
      timing.failures += 1;
      throw error;
    } finally {
      const milliseconds = Date.now() - start;
      timing.milliseconds += milliseconds;
      appendFileSync(
        join(this.options.logFolder, "invocations.log"),
        `${this.options.clock.now().toISOString()} ${definition.name} ${milliseconds} ms\n`,
      );
      if (running.usable) this.idle.set(functionArn, [...(this.idle.get(functionArn) ?? []), running]);
    }
  }

  private take(definition: AppResource<FunctionProperties>): FunctionProcess {
    const waiting = this.idle.get(definition.attribute("Arn")) ?? [];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) if (next.usable) return next;
    return new FunctionProcess({
      bootstrap: this.options.bootstrap,
      code: codeFolder(definition),
      variables: functionVariables(definition, this.options.endpoint),
      memoryMiB: definition.properties.MemorySize ?? 128,
      logFile: join(this.options.logFolder, `${definition.name}.log`),
    });
  }
}

/** The template's own variables, with the gateway where they name S3's address, and those that Lambda sets. */
export const functionVariables = (
  { name, region, properties }: Pick<AppResource<FunctionProperties>, "name" | "region" | "properties">,
  endpoint: string,
): Record<string, string> => {
  const own = properties.Environment?.Variables;
  return {
    ...own,
    ...(own?.[STORAGE_ORIGIN_VARIABLE] && { [STORAGE_ORIGIN_VARIABLE]: new URL(endpoint).origin }),
    ...roleVariables(properties.Role, region, endpoint),
    _HANDLER: properties.Handler,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize ?? 128),
    AWS_EXECUTION_ENV: `AWS_Lambda_${properties.Runtime}`,
  };
};

const codeFolder = ({ properties, stack, logicalId }: AppResource<FunctionProperties>): string => {
  const folder = stack.files.get(properties.Code.S3Key ?? "");
  if (folder === undefined || !existsSync(folder))
    throw new TemplateNotSupported(stack.name, logicalId, "its code is no asset of this assembly, or is gone");
  return folder;
};

/** Credentials whose key id is the role's name, by which the gateway knows the caller. */
export const roleVariables = (roleArn: string, region: string, endpoint: string): Record<string, string> => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: roleArn.split("/").at(-1) ?? roleArn,
  AWS_SECRET_ACCESS_KEY: ROLE_SECRET,
  AWS_ENDPOINT_URL: endpoint,
});
