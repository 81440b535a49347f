/**
 * A ready-made image as a stage names it: `<repository>[:<tag>]@sha256:<digest>`, in which {region} stands for where it
 * is run. Pure.
 */

const ECR_REPOSITORY = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/(.+)$/;

export interface ImageInRegion {
  /**
   * As a task definition takes it: a tag or a digest, not both. The digest is what is meant.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
   */
  readonly reference: string;
  /** Undefined for an image of another registry, which needs no permission. */
  readonly repositoryArn: string | undefined;
}

/** Without tag and digest; {region} still stands in it. */
export const repositoryOf = (image: string): string => image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");

export const inRegion = (repository: string, region: string): string => repository.replaceAll("{region}", region);

export const imageIn = (image: string, region: string): ImageInRegion => {
  const repository = inRegion(repositoryOf(image), region);
  const [, account, place, name] = ECR_REPOSITORY.exec(repository) ?? [];
  return {
    reference: `${repository}${image.slice(image.indexOf("@"))}`,
    repositoryArn: name === undefined ? undefined : `arn:aws:ecr:${place}:${account}:repository/${name}`,
  };
};
