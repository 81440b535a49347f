/** Reads what `cdk synth` wrote: the stacks of one region pair, with their templates and assets. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Description?: string }>>;
}
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}
export interface StackArtifact {
  readonly name: string;
  readonly region: string;
  readonly template: Template;
  /** Folders of file assets by the key under which they would be uploaded, such as `<hash>.zip`. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders of image assets by their hash. */
  readonly images: ReadonlyMap<string, string>;
}

interface StackProperties {
  readonly templateFile: string;
  readonly stackName?: string;
}
interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly environment?: string; readonly properties?: StackProperties }>
  >;
}
interface AssetManifest {
  readonly files?: Readonly<
    Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>
  >;
  readonly dockerImages?: Readonly<Record<string, { source: { directory?: string } }>>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

export const readAssembly = (folder: string): readonly StackArtifact[] => {
  const manifest = readJson<Manifest>(join(folder, "manifest.json"));
  const stacks: StackArtifact[] = [];
  for (const [id, artifact] of Object.entries(manifest.artifacts)) {
    if (artifact.type === "cdk:cloud-assembly")
      throw new Error(`${folder}: the nested assembly ${id} is not supported by the local run.`);
    if (artifact.type !== "aws:cloudformation:stack") continue;
    const region = artifact.environment?.split("/").at(-1);
    if (region === undefined || region.startsWith("unknown")) throw new Error(`Stack ${id} names no region.`);
    const { templateFile, stackName } = artifact.properties ?? { templateFile: "" };
    stacks.push({
      name: stackName ?? id,
      region,
      template: readJson(join(folder, templateFile)),
      ...readAssets(folder, id),
    });
  }
  return stacks;
};

const readAssets = (folder: string, id: string): Pick<StackArtifact, "files" | "images"> => {
  const path = join(folder, `${id}.assets.json`);
  const assets: AssetManifest = existsSync(path) ? readJson(path) : {};
  const files = new Map<string, string>();
  for (const { source, destinations } of Object.values(assets.files ?? {})) {
    for (const { objectKey } of Object.values(destinations))
      if (source.path !== undefined) files.set(objectKey, join(folder, source.path));
  }
  const images = new Map<string, string>();
  for (const [hash, { source }] of Object.entries(assets.dockerImages ?? {})) {
    if (source.directory !== undefined) images.set(hash, join(folder, source.directory));
  }
  return { files, images };
};
