/**
 * Adds up the test reports and ends with the line that is read: `N passed, N failed[, N skipped]`. A later report
 * replaces what an earlier one says of the same test files: they ran again, alone.
 */
import { existsSync, readFileSync } from 'node:fs';

const [failedChecks = '0', exitCode = '0', ...reports] = process.argv.slice(2);
const files = new Map();
let [passed, failed, skipped] = [0, Number(failedChecks), 0];
for (const report of reports) {
  if (!existsSync(report)) {
    process.stderr.write(`${report} was not written: the tests did not run to their end.\n`);
    failed += 1;
    continue;
  }
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name } of testResults) files.set(name, []);
  // A file that two projects run has two results.
  for (const result of testResults) files.get(result.name).push(result);
}
for (const { status, assertionResults } of [...files.values()].flat()) {
  const count = (wanted) => assertionResults.filter((test) => test.status === wanted).length;
  passed += count('passed');
  skipped += count('pending') + count('todo');
  // A file that cannot even be loaded has no tests to count.
  failed += count('failed') || (status === 'failed' ? 1 : 0);
}
if (exitCode !== '0' && failed === Number(failedChecks)) {
  process.stderr.write(
    'No test failed, and yet the run did: the coverage is below its threshold, or jest broke off.\n',
  );
  failed += 1;
}
if (passed === 0) failed += 1;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
