/**
 * The part of Lambda's runtime that runs in a function's own process: loads the handler, takes one invocation after
 * another from the runner, and gives back the result or the error as Lambda would serialize it.
 */
import { setClockOffset } from "./simulated-date";

export interface Invocation {
  readonly payload: string;
  readonly requestId: string;
  readonly clockOffsetMs: number;
  /** By the real clock. */
  readonly deadline: number;
  readonly functionArn: string;
}
export type Outcome =
  | { readonly ok: true; readonly payload: string }
  | {
      readonly ok: false;
      readonly error: { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] };
    };

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const loadHandler = (): Handler => {
  const [file = "index", name = "handler"] = (process.env["_HANDLER"] ?? "index.handler").split(".");
  const loaded = require(`${process.cwd()}/${file}.js`) as Record<string, unknown>;
  const handler = loaded[name];
  if (typeof handler !== "function") throw new Error(`${file}.js has no function ${name}.`);
  return handler as Handler;
};

let handler: Handler | undefined;

const invoke = async ({ payload, requestId, deadline, functionArn }: Invocation): Promise<Outcome> => {
  try {
    handler ??= loadHandler();
    const result = await handler(JSON.parse(payload), {
      awsRequestId: requestId,
      functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
      functionVersion: "$LATEST",
      invokedFunctionArn: functionArn,
      memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
      logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
      logStreamName: "local",
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => Math.max(0, deadline - performance.timeOrigin - performance.now()),
    });
    return { ok: true, payload: JSON.stringify(result ?? null) };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    return { ok: false, error: { errorType: name, errorMessage: message, trace: (stack ?? "").split("\n") } };
  }
};

process.on("message", (invocation: Invocation) => {
  setClockOffset(invocation.clockOffsetMs);
  void invoke(invocation).then((outcome) => process.send?.(outcome));
});
process.on("disconnect", () => process.exit(0));
