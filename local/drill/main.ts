/** `npm run drill:region`: a region's nights, its loss, and its recovery in the replication region. */
import { checkDisk, checkOutputs, chooseStage } from "../preflight";
import { run } from "../run";
import { readDrillOptions } from "./options";
import { loseRegion } from "./lose-region";
import { playNights } from "./play-nights";
import { recoverRegion } from "./recover-region";
import { setUpRegions } from "./set-up-regions";

export const main = async (args: readonly string[]): Promise<void> => {
  const options = readDrillOptions(args);
  await run(options, async (surroundings) => {
    const { row } = chooseStage(options.stage, options.region);
    checkOutputs(options);
    checkDisk(surroundings.home, true);
    const regions = await setUpRegions(options, row, surroundings);
    const kept = await playNights(regions, options);
    await loseRegion(regions, options);
    await recoverRegion(regions, kept);
  });
};
