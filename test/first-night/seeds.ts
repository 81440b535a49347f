/** Seeds of the nights to play: three, or as many as FIRST_NIGHT_SEEDS says. */
export const seeds = (count = 3): readonly number[] =>
  Array.from({ length: Number(process.env["FIRST_NIGHT_SEEDS"] ?? count) }, (_, number) => 1 + number * 10);
