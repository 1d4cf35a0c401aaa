/** Adds up the test reports and ends with the line that is read: `N passed, N failed[, N skipped]`. */
import { existsSync, readFileSync } from 'node:fs';

const [failedChecks = '0', exitCode = '0', ...reports] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedChecks);
let skipped = 0;
for (const file of reports) {
  if (!existsSync(file)) {
    process.stderr.write(`${file} was not written: the tests did not run to their end.\n`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  passed += numPassedTests;
  // A file that cannot even be loaded has no tests to count.
  failed += numFailedTests + numRuntimeErrorTestSuites;
  skipped += numPendingTests;
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
