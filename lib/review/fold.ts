/**
 * The compact form of a deployment: what most stacks of a kind share is written once, and each stack keeps only what
 * it has otherwise. Folding loses nothing: unfolding gives the same deployment back. Pure.
 */
import { mergePatch, patchBetween } from "./merge-patch";
import { same, type Json, type ReviewedResource, type ReviewedStack, type StackPlace } from "./deployment";

type Resources = Readonly<Record<string, ReviewedResource>>;
/** What a stack has otherwise: a patch of the shared resource, or the resource if there is none. */
type Patches = Readonly<Record<string, Json>>;
export interface Folded {
  readonly stacks: Readonly<Record<string, StackPlace & { readonly kind: string }>>;
  /** By kind of stack. */
  readonly shared: Readonly<Record<string, Resources>>;
  /** By stack; null for what the stack lacks. */
  readonly only: Readonly<Record<string, Patches>>;
}

export const fold = (stacks: Readonly<Record<string, ReviewedStack>>): Folded => {
  const shared: Record<string, Record<string, ReviewedResource>> = {};
  const only: Record<string, Patches> = {};
  for (const kind of new Set(Object.values(stacks).map((stack) => stack.kind))) {
    const alike = Object.entries(stacks).filter(([, stack]) => stack.kind === kind);
    const common: Record<string, ReviewedResource> = {};
    const keys = [...new Set(alike.flatMap(([, { resources }]) => Object.keys(resources)))].toSorted();
    for (const key of keys) {
      const usual = mostCommon(alike.map(([, { resources }]) => resources[key]));
      if (usual !== undefined) common[key] = usual;
      for (const [id, { resources }] of alike)
        if (!same(resources[key], usual))
          only[id] = { ...only[id], [key]: patchBetween(asJson(usual) ?? {}, asJson(resources[key]) ?? null) };
    }
    shared[kind] = common;
  }
  const places = Object.entries(stacks).map(([id, { resources: _resources, ...place }]) => [id, place] as const);
  return { stacks: Object.fromEntries(places), shared, only };
};

export const unfold = ({ stacks, shared, only }: Folded): Readonly<Record<string, ReviewedStack>> =>
  Object.fromEntries(
    Object.entries(stacks).map(([id, place]) => [id, { ...place, resources: unfoldOne(shared[place.kind], only[id]) }]),
  );

const unfoldOne = (common: Resources = {}, own: Patches = {}): Resources => {
  const keys = [...new Set([...Object.keys(common), ...Object.keys(own)])].toSorted();
  return Object.fromEntries(
    keys.flatMap((key) => {
      const patch = own[key];
      if (patch === null) return [];
      const resource = patch === undefined ? common[key] : mergePatch(asJson(common[key]) ?? {}, patch);
      return [[key, resource as unknown as ReviewedResource] as const];
    }),
  );
};

const asJson = (resource: ReviewedResource | undefined): Json | undefined => resource as unknown as Json | undefined;

/** Undefined if most lack it. */
const mostCommon = (values: readonly (ReviewedResource | undefined)[]): ReviewedResource | undefined => {
  const counts = new Map<string, { readonly value: ReviewedResource | undefined; count: number }>();
  for (const value of values) {
    const text = JSON.stringify(value ?? null);
    const known = counts.get(text);
    if (known === undefined) counts.set(text, { value, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.value;
};
