/** Test files in the order of how long they take, so that no processor is idle at the end: the crash suites first. */
const { default: Sequencer } = require("@jest/test-sequencer");

const LONGEST = [
  "/test/crash/",
  "/test/first-night/",
  "/test/local/end-to-end",
  "/test/restore/crash",
  "/test/database-task/",
];
const rank = ({ path }) => {
  const found = LONGEST.findIndex((part) => path.includes(part));
  return found === -1 ? LONGEST.length : found;
};

module.exports = class LongestFirst extends Sequencer {
  async sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own method
    const sorted = await super.sort(tests);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
};
