/** `npm start`: sets everything up, tells the story, and stays up unless told otherwise. */
import { readOptions } from "./options";
import { run } from "./run";
import { setUp } from "./set-up";
import { stayUp } from "./story/stay-up";
import type { StoryContext } from "./story/story-context";
import { tellStory } from "./story/story";

export const main = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args);
  let context: StoryContext | undefined;
  await run(
    options,
    async (surroundings) => {
      const ready = await setUp(options, surroundings);
      context = ready.context;
      await tellStory(context, ready);
    },
    async () => {
      if (!options.exit && context !== undefined) await stayUp(context, options);
    },
  );
};
