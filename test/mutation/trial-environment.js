/** Tells which change a failed test belongs to, at once, and passes over that change's other tests. */
const { appendFileSync } = require("node:fs");
const { TestEnvironment } = require("jest-environment-node");

const change = (block) => {
  for (let at = block; at?.parent; at = at.parent) if (at.parent.name === "ROOT_DESCRIBE_BLOCK") return at.name;
  return undefined;
};

module.exports = class TrialEnvironment extends TestEnvironment {
  noticed = new Set();
  current;

  say(what, name) {
    appendFileSync(process.env.MUTATION_LOG, `${what} ${name}\n`);
  }

  handleTestEvent(event) {
    const name = change(event.test?.parent ?? event.describeBlock);
    if (name === undefined) return;
    if (event.name === "test_start") {
      if (this.current !== name) this.say("begun", (this.current = name));
      if (this.noticed.has(name)) event.test.mode = "skip";
    }
    if ((event.name === "test_fn_failure" || event.name === "hook_failure") && !this.noticed.has(name)) {
      this.noticed.add(name);
      this.say("noticed", name);
    }
  }
};
