/**
 * Assemblies beside the ordinary deployment's: what recovers each region, an app of its own for each, and the templates
 * from which retained resources are imported.
 */
import { join } from "node:path";
import { Annotations, App } from "aws-cdk-lib";
import { importMapping } from "../../lib/adoption/import-mapping";
import { importTemplate } from "../../lib/adoption/import-template";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import type { Template } from "../../lib/review/normal-form";
import { recoveryApp, serviceApp } from "../../lib/service-app";
import { projectContext } from "../../lib/config/project-context";

const context = projectContext();

/** The default stage, of some regions only where they are named. */
const stageOf = (regions?: readonly string[]): Stage => {
  const stage = loadStage("default");
  return { ...stage, rows: stage.rows.filter(({ region }) => regions?.includes(region) !== false) };
};

/** Folders of assemblies, one for each region. */
export const synthesizeRecoveries = (folder: string, regions?: readonly string[]): readonly string[] => {
  const stage = stageOf(regions);
  const bundle = emptyBundle(join(folder, "bundle"));
  return stage.rows.map((lost) => {
    const outdir = join(folder, lost.region);
    recoveryApp(stage, lost, bundle, new App({ outdir, context })).synth();
    return outdir;
  });
};

/** The folder of the assembly with `-c adopt=true`. */
export const synthesizeForAdoption = (folder: string, regions?: readonly string[]): string => {
  const outdir = join(folder, "assembly");
  const app = new App({ outdir, context: { ...context, adopt: "true" } });
  const service = serviceApp(stageOf(regions), emptyBundle(join(folder, "bundle")), app);
  /** Said once for each stack otherwise. */
  Annotations.of(service).acknowledgeWarning("nightly-backups:adopt");
  service.synth();
  return outdir;
};

/** Exactly what `cdk import` sends for a stack when everything that can be imported is. */
export const importSubset = (template: Template): Template => {
  const { mapping, keys } = importMapping(template, "123456789012");
  return importTemplate(template, [...Object.keys(mapping), ...Object.keys(keys)]);
};
