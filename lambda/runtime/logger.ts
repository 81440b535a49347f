/** JSON lines on standard output, without secrets. */
import { Logger as PowertoolsLogger } from "@aws-lambda-powertools/logger";
import type { Logger } from "./collaborators";
import { redact, redactText } from "./redact";

/** What the logger hands a line to. */
export interface LineWriter {
  info(message: string, details: Record<string, unknown>): void;
  warn(message: string, details: Record<string, unknown>): void;
  error(message: string, details: Record<string, unknown>): void;
}

/** Its lines carry `correlationId`, unless a line gives another. */
export interface CorrelatedLogger extends Logger {
  correlate(correlationId: string | undefined): void;
}

export const createLogger = (
  serviceName: string,
  writer: LineWriter = new PowertoolsLogger({ serviceName, logLevel: "INFO" }),
): CorrelatedLogger => {
  let correlation: Readonly<Record<string, string>> = {};
  const line = (details: Record<string, unknown>) => redactDetails({ ...correlation, ...details });
  return {
    info: (message, details = {}) => writer.info(redactText(message), line(details)),
    warn: (message, details = {}) => writer.warn(redactText(message), line(details)),
    error: (message, details = {}) => writer.error(redactText(message), line(details)),
    correlate: (correlationId) => {
      correlation = correlationId === undefined ? {} : { correlationId };
    },
  };
};

const redactDetails = (details: Record<string, unknown>): Record<string, unknown> =>
  redact(details) as Record<string, unknown>;
