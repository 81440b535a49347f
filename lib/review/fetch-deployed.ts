/**
 * Templates as CloudFormation has them, through the AWS command line and its credentials. Only reads. A stack that
 * does not exist is left out: it is not deployed yet.
 */
import { execFileSync } from "node:child_process";
import type { Template } from "./normal-form";
import type { FoundStack } from "./read-assembly";
import { ReviewError } from "./review-error";

/** The command line's standard output, or an error with what it wrote to standard error. */
export type RunAws = (args: readonly string[]) => string;

export const fetchDeployed = (stacks: readonly FoundStack[], aws: RunAws = runAws): readonly FoundStack[] =>
  stacks.flatMap((stack) => {
    const where = ["--region", stack.region, "--stack-name", stack.stackName, "--output", "json"];
    let described: string;
    try {
      described = aws(["cloudformation", "describe-stacks", ...where]);
    } catch (error) {
      const message = (error as Error).message;
      if (/does not exist/.test(message)) return [];
      throw new ReviewError(
        `The deployed stack ${stack.stackName} in ${stack.region} can't be read: ${message.trim().split("\n").at(-1)}; mend that, or fetch templates into a folder and name it with --against.`,
      );
    }
    const { Stacks } = JSON.parse(described) as { Stacks: { EnableTerminationProtection?: boolean }[] };
    const { TemplateBody } = JSON.parse(aws(["cloudformation", "get-template", ...where])) as {
      TemplateBody: Template | string;
    };
    return [
      {
        ...stack,
        terminationProtection: Stacks[0]?.EnableTerminationProtection ?? false,
        template: typeof TemplateBody === "string" ? (JSON.parse(TemplateBody) as Template) : TemplateBody,
      },
    ];
  });

export const runAws: RunAws = (args) => {
  try {
    return execFileSync("aws", [...args], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(stderr === undefined || stderr === "" ? message : stderr, { cause: error });
  }
};
