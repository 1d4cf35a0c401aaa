/** Prints the test files that failed, one a line, relative to the working directory: of the report that is named. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [report = ''] = process.argv.slice(2);
const { testResults } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name));
process.stdout.write([...new Set(failed)].map((name) => `${name}\n`).join(''));
