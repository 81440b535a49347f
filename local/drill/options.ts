/** The command line of `npm run drill:region`. */
import { Command } from "commander";
import { atLeast } from "../options";
import type { RunOptions } from "../run";

export interface DrillOptions extends RunOptions {
  readonly region: string;
  readonly stage: string;
  readonly nights: number;
  readonly files: number;
  readonly seed: string;
  readonly damage: boolean;
}

export const readDrillOptions = (args: readonly string[]): DrillOptions =>
  new Command("npm run drill:region --")
    .description("Loses a region on this machine, recovers it in its replication region, and compares every byte.")
    .option("--region <code>", "the region that is lost", "eu-central-1")
    .option("--stage <name>", "configuration in config/<stage>.json", "default")
    .option("--nights <count>", "nights before the loss", atLeast(1), 2)
    .option("--files <count>", "files of the sample environment", atLeast(20), 120)
    .option("--seed <text>", "the sample environments are the same for the same seed", "sample")
    .option("--damage", "change one byte at the replica, and see the drill fail", false)
    .option("--report <file>", "write everything that was found out as JSON")
    .option("--logs <folder>", "keep a copy of the run's logs there")
    .parse(args, { from: "user" })
    .opts<DrillOptions>();
