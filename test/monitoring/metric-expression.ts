/**
 * CloudWatch's metric math, as far as our alarms use it: numbers, ids, + - * /, >, brackets, FILL(id, number), MAX and
 * MIN of several, IF(condition, then, else). A term without a value in a period leaves the whole without one, as in
 * CloudWatch; of an IF, only the condition and what it chooses. Anything else is an error.
 */
type Value = number | undefined;
export type Lookup = (id: string) => Value;

export const evaluateExpression = (expression: string, valueOf: Lookup): Value => {
  const tokens = expression.match(/[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|[-+*/(),>]/g) ?? [];
  if (tokens.join("") !== expression.replace(/\s+/g, ""))
    throw new Error(`"${expression}" holds more than is known here.`);
  const parser = new Parser(tokens, valueOf);
  const value = parser.whole();
  parser.end();
  return value;
};

class Parser {
  private at = 0;
  constructor(
    private readonly tokens: readonly string[],
    private readonly valueOf: Lookup,
  ) {}

  whole(): Value {
    const left = this.sum();
    if (!this.sees(">")) return left;
    this.take();
    return both(left, this.sum(), (a, b) => (a > b ? 1 : 0));
  }

  private sum(): Value {
    let left = this.product();
    while (this.sees("+") || this.sees("-")) {
      const sign = this.take() === "+" ? 1 : -1;
      left = both(left, this.product(), (a, b) => a + sign * b);
    }
    return left;
  }

  end(): void {
    if (this.at < this.tokens.length) throw new Error(`"${this.tokens[this.at]}" was not expected.`);
  }

  private product(): Value {
    let left = this.term();
    while (this.sees("*") || this.sees("/")) {
      const times = this.take() === "*";
      left = both(left, this.term(), (a, b) => (times ? a * b : a / b));
    }
    return left;
  }

  private term(): Value {
    const token = this.take();
    if (token === "(") {
      const value = this.whole();
      this.expect(")");
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (!this.sees("(")) return this.valueOf(token);
    this.take();
    const given = [this.whole()];
    while (this.sees(",")) {
      this.take();
      given.push(this.whole());
    }
    this.expect(")");
    return call(token, given);
  }

  private sees(token: string): boolean {
    return this.tokens[this.at] === token;
  }
  private take(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error("The expression ends too early.");
    return token;
  }
  private expect(token: string): void {
    const taken = this.take();
    if (taken !== token) throw new Error(`"${token}" was expected, not "${taken}".`);
  }
}

const both = (a: Value, b: Value, join: (a: number, b: number) => number): Value =>
  a === undefined || b === undefined ? undefined : join(a, b);

const call = (name: string, given: readonly Value[]): Value => {
  if (name === "FILL" && given.length === 2) return given[0] ?? given[1];
  if (name === "IF" && given.length === 3)
    return given[0] === undefined ? undefined : given[0] === 0 ? given[2] : given[1];
  const known = given.filter((value) => value !== undefined);
  if (name === "MAX") return known.length === 0 ? undefined : Math.max(...known);
  if (name === "MIN") return known.length === 0 ? undefined : Math.min(...known);
  throw new Error(`The function ${name} is not known here.`);
};
