import { createRequire } from 'node:module';
import type * as Velocity from 'velocityjs';
import { ExactNumber } from './exact-number.ts';

type Config = NonNullable<Parameters<typeof Velocity.render>[3]>;
type Run = (...given: unknown[]) => unknown;

/**
 * Most iterations of a `#foreach`, and elements of a range, 1,000: API Gateway takes no more. Past it the integration
 * fails.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 * @limit operator
 */
const ITERATIONS_MAXIMUM = 1_000;

/** Renders a template with the arithmetic of Java, whose quotient of whole numbers is whole, and with bounded loops. */
export function renderVelocity(template: string, values: Readonly<Record<string, unknown>>, config: Config): string {
  // Loaded for templates alone: most applications have none, and are to start as soon as before.
  const { Compile, parse }: typeof Velocity = createRequire(import.meta.url)('velocityjs');
  const engine = new Compile(parse(template), config);
  const member = (name: string): Run => memberOf(engine, name);
  divideAsJava(engine, member('getExpression'));
  boundRanges(engine, { getArray: member('getArray'), getReferences: member('getReferences') });
  boundLoops(engine, { getBlockEach: member('getBlockEach'), getLiteral: member('getLiteral') });
  return engine.render({ ...values }, {});
}

function memberOf(engine: object, name: string): Run {
  const found: unknown = Reflect.get(engine, name);
  if (typeof found !== 'function') throw new Error(`the engine of templates has no ${name}`);
  return (...given) => Reflect.apply(found, engine, given);
}

function divideAsJava(engine: object, evaluate: Run): void {
  let depth = 0;
  const evaluateMath = (ast: unknown): unknown => {
    depth += 1;
    try {
      return evaluate(ast);
    } finally {
      depth -= 1;
    }
  };
  const getExpression = (ast: unknown): unknown => {
    const { type, operator, expression } = Object(ast);
    if (type !== 'math') {
      const value = evaluate(ast);
      // Joined to a text it would be one: what is computed with is a number.
      return depth > 0 && value instanceof ExactNumber ? Number(value) : value;
    }
    if (operator !== '/') return evaluateMath(ast);
    const [dividend, divisor] = [getExpression(expression[0]), getExpression(expression[1])].map(Number);
    const quotient = (dividend ?? 0) / (divisor ?? 0);
    return Number.isInteger(dividend) && Number.isInteger(divisor) ? Math.trunc(quotient) : quotient;
  };
  Object.assign(engine, { getExpression });
}

function boundRanges(engine: object, { getArray, getReferences }: Readonly<Record<'getArray' | 'getReferences', Run>>) {
  Object.assign(engine, {
    getArray: (ast: unknown): unknown => {
      const { isRange, value } = Object(ast);
      const ends: readonly unknown[] = isRange === true ? value : [];
      const [begin = 0, end = 0] = ends.map((one) => Number(typeof one === 'object' ? getReferences(one) : one));
      if (Math.abs(end - begin) >= ITERATIONS_MAXIMUM)
        throw new Error(`a range is over ${ITERATIONS_MAXIMUM} elements`);
      return getArray(ast);
    },
  });
}

function boundLoops(
  engine: object,
  { getBlockEach, getLiteral }: Readonly<Record<'getBlockEach' | 'getLiteral', Run>>,
) {
  let begins = false;
  Object.assign(engine, {
    getBlockEach: (block: unknown): unknown => {
      // The engine evaluates the items of a loop first, as a literal.
      begins = true;
      return getBlockEach(block);
    },
    getLiteral: (ast: unknown): unknown => {
      const isOfLoop = begins;
      begins = false;
      const value = getLiteral(ast);
      if (isOfLoop && Object.keys(Object(value)).length > ITERATIONS_MAXIMUM)
        throw new Error(`a #foreach has over ${ITERATIONS_MAXIMUM} iterations`);
      return value;
    },
  });
}
