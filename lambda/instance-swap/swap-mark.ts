/**
 * The tag that says which restore an instance is part of. IAM lets the service delete only instances that carry it: the
 * new one from when it is first seen to the end of the swap, the old one from before its first rename on. An instance
 * that is live for good never carries it. As everything of a swap, it is decided from what RDS shows.
 *
 * Beside it stands the installation's own tag, by which people say what the service may change at all.
 */
import type { InstanceAnswer, InstanceFacts, Instances } from "./instances";

export const SWAP_MARK = "nightly-backups:restore";

type Marked = Pick<InstanceFacts, "settings">;

export const isMarkedBy = ({ settings }: Marked, restoreId: string): boolean => settings.tags[SWAP_MARK] === restoreId;
export const isMarked = ({ settings }: Marked): boolean => settings.tags[SWAP_MARK] !== undefined;

/** With other tags in the same request, so that nothing stops in between. */
export const mark = (
  instances: Instances,
  { arn }: Pick<InstanceFacts, "arn">,
  restoreId: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<InstanceAnswer> => instances.addTags(arn, { ...tags, [SWAP_MARK]: restoreId });

export const unmark = (instances: Instances, { arn }: Pick<InstanceFacts, "arn">): Promise<InstanceAnswer> =>
  instances.removeTags(arn, [SWAP_MARK]);

/** `resourceTag`: `key=value`, as the settings have it. */
export const mayBeChanged = ({ settings }: Marked, resourceTag: string): boolean =>
  Object.entries(settings.tags).some(([key, value]) => `${key}=${value}` === resourceTag);
