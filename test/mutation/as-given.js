/** Test files in the order of the command line: those that most likely fail first. */
const { default: Sequencer } = require("@jest/test-sequencer");

const place = ({ path }) => process.argv.findIndex((argument) => path.endsWith(argument));

module.exports = class AsGiven extends Sequencer {
  sort(tests) {
    return [...tests].toSorted((a, b) => place(a) - place(b));
  }
};
