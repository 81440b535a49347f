/** What an environment's database names. */
type File = { readonly name: string; readonly size?: number };

const fileName = (number: number): string => `file-${String(number).padStart(4, "0")}`;

export const fewFiles = (random: () => number): readonly File[] =>
  Array.from({ length: 5 + Math.floor(25 * random()) }, (_, number) => ({ name: fileName(number) }));

/** Larger ones are left to the task. */
const FILES_A_SHARD = 5;

/** As many shards: a first night's shard has 20 GB by what the listing says, however small the files are here. */
export const manyShards = (shards: number) => (): readonly File[] =>
  Array.from({ length: shards * FILES_A_SHARD }, (_, number) => ({ name: fileName(number), size: 4e9 }));
