/** `npm start`: sets everything up, and shows the page with nights behind it; with `--exit` it tells the story. */
import { readOptions, type Options } from "./options";
import { preflight } from "./preflight";
import { run } from "./run";
import { setUp, type Surroundings } from "./set-up";
import { beginningOf, playNightsBehind } from "./story/nights-behind";
import { stayUp } from "./story/stay-up";
import type { StoryContext } from "./story/story-context";
import { tellStory } from "./story/story";

export const main = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args);
  let context: StoryContext | undefined;
  const begin = async (surroundings: Surroundings): Promise<void> => {
    const checked = await preflight(options, surroundings.home);
    surroundings.progress.line(howLong(options));
    if (options.exit) {
      const ready = await setUp(options, checked, surroundings);
      return tellStory(ready.context, ready);
    }
    const behind = { nights: options.nights, windowMinutes: checked.row.durationMinutes, now: new Date() };
    const ready = await setUp(options, checked, { ...surroundings, start: beginningOf(behind) });
    context = ready.context;
    await playNightsBehind(context, behind, ready);
  };
  const stay = async (): Promise<void> => {
    if (context !== undefined) await stayUp(context, options);
  };
  await run(options, begin, options.exit ? undefined : stay);
};

/** As measured on two cores. */
const howLong = ({ exit, environment }: Options): string => {
  if (environment.length > 0)
    return "It takes about a minute, and as long as your environment needs for its backups; --help says what else there is.";
  return exit
    ? "Every check takes about 4 minutes and 1.5 GB of disk; all of it is removed at the end."
    : "The page is there in about a minute; it takes about 300 MB of disk, until you end it with Ctrl-C.";
};
