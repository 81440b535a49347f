/** Repositories of ECR: made where there are none, and logged in to. */
import { BuildImageError } from "./build-image-error";
import { ProgramFailed, type RunProgram } from "./run-program";

const ECR_REPOSITORY = /^(\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)\/(.+)$/;

/**
 * Tags of a new one can't be moved, and its images are scanned. One that is there stays as it is; so does another
 * registry's, to which docker has to be logged in already. Throws BuildImageError.
 */
export const ensureRepository = (repository: string, run: RunProgram): "found" | "made" | "another registry" => {
  const [, registry, region, name] = ECR_REPOSITORY.exec(repository) ?? [];
  if (registry === undefined || region === undefined || name === undefined) return "another registry";
  const found = isThere(name, region, run);
  if (!found) make(name, region, run);
  const password = run("aws", ["ecr", "get-login-password", "--region", region]);
  run("docker", ["login", "--username", "AWS", "--password-stdin", registry], password);
  return found ? "found" : "made";
};

const isThere = (name: string, region: string, run: RunProgram): boolean => {
  try {
    run("aws", ["ecr", "describe-repositories", "--region", region, "--repository-names", name, "--output", "json"]);
    return true;
  } catch (error) {
    if (error instanceof ProgramFailed && error.output.includes("RepositoryNotFoundException")) return false;
    throw error;
  }
};

const make = (name: string, region: string, run: RunProgram): void => {
  try {
    run("aws", [
      "ecr",
      "create-repository",
      "--region",
      region,
      "--repository-name",
      name,
      "--image-tag-mutability",
      "IMMUTABLE",
      "--image-scanning-configuration",
      "scanOnPush=true",
      "--output",
      "json",
    ]);
  } catch (error) {
    if (error instanceof ProgramFailed && error.output.includes("RepositoryAlreadyExistsException")) return;
    throw new BuildImageError(
      `The repository ${name} can't be made in ${region}: ${(error as Error).message} Make it, then try again.`,
      { cause: error },
    );
  }
};
