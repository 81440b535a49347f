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

export const createLogger = (
  serviceName: string,
  writer: LineWriter = new PowertoolsLogger({ serviceName, logLevel: "INFO" }),
): Logger => ({
  info: (message, details = {}) => writer.info(redactText(message), redactDetails(details)),
  warn: (message, details = {}) => writer.warn(redactText(message), redactDetails(details)),
  error: (message, details = {}) => writer.error(redactText(message), redactDetails(details)),
});

const redactDetails = (details: Record<string, unknown>): Record<string, unknown> =>
  redact(details) as Record<string, unknown>;
