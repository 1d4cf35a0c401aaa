import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFAULTS, readParameters } from './parameters.ts';
import { simulate } from './simulate.ts';
import { scalingTables } from './tables.ts';

/**
 * The command `node bench/simulate/main.ts [--json] [--parameters FILE]`: prints what docs/scaling.md shows, or all of
 * it as JSON.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean' }, parameters: { type: 'string' } } });
const parameters = values.parameters === undefined ? DEFAULTS : readParameters(readFileSync(values.parameters, 'utf8'));
const simulation = simulate(parameters);
process.stdout.write(
  values.json === true
    ? `${JSON.stringify({ bench: 'simulate', ratios: {}, ...simulation })}\n`
    : `${scalingTables(simulation).join('\n\n')}\n`,
);
