/**
 * `-c adopt=true`: templates from which `cdk import` can take retained resources alone. An import's template holds
 * nothing but them, so none may refer to anything else. What is left out here is put back by the next deployment, which
 * is made without it.
 */
import { Annotations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { ConfigurationError } from "../config/configuration-error";

const CONTEXT = "adopt";

/** Context is text on the command line. */
export const isAdopting = ({ node }: IConstruct): boolean => {
  const given = String(node.tryGetContext(CONTEXT) ?? "false");
  if (given !== "true" && given !== "false")
    throw new ConfigurationError(
      `-c ${CONTEXT}=${given}`,
      "",
      "the value is neither true nor false",
      `give -c ${CONTEXT}=true, or leave it out`,
    );
  return given === "true";
};

/** Deployed by mistake such a template works, but for the page's uploads. */
export const warnOfAdopting = (stack: IConstruct): void => {
  if (isAdopting(stack))
    Annotations.of(stack).addWarningV2(
      "nightly-backups:adopt",
      "This template is for cdk import only, without what refers to resources that are not imported; deploy without -c adopt.",
    );
};
