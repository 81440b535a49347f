/**
 * What every Lambda entry point is made of: the input is parsed once with the contract's schema, collaborators are
 * created once per process, the step is called, its metrics are written, its result is returned. A ServiceFailure keeps
 * its code as its name, so that Step Functions sees it as the error.
 */
import type { z } from "zod";
import { correlationOf } from "../observability/correlation";
import { ServiceFailure, type Collaborators } from "./collaborators";
import { createCollaborators, type LastingCollaborators } from "./create-collaborators";

export interface InvocationContext {
  readonly functionName?: string;
  readonly awsRequestId?: string;
  getRemainingTimeInMillis(): number;
}
export type Handler<O> = (event: unknown, context: InvocationContext) => Promise<O>;

/** The step's declared return type is the contract's output, which the next state parses. */
export const createHandler = <I extends z.ZodType, O>(
  inputSchema: I,
  step: (input: z.output<I>, collaborators: Collaborators) => Promise<O>,
  create: (serviceName: string) => LastingCollaborators = createCollaborators,
): Handler<O> => {
  let lasting: LastingCollaborators | undefined;
  return async (event, context) => {
    const parsed = inputSchema.safeParse(event);
    if (!parsed.success) {
      const problems = parsed.error.issues
        .map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`)
        .join("; ");
      throw new ServiceFailure(
        "InvalidInput",
        `The function was called with an input it does not know (${problems}).`,
        false,
      );
    }
    lasting ??= create(context.functionName ?? "backup-service");
    lasting.correlate(correlationOf(parsed.data));
    try {
      return await step(parsed.data, { ...lasting, remainingMs: () => context.getRemainingTimeInMillis() });
    } finally {
      lasting.metrics.flush();
    }
  };
};
