import jest from '../../jest.config.mjs';

const [{ transform, testEnvironment, extensionsToTreatAsEsm }] = jest.projects;

/** Returns the configuration of jest for the tests that have to notice the mutants. */
export const jestOf = (tests) => ({
  rootDir: '../..',
  transform,
  testEnvironment,
  extensionsToTreatAsEsm,
  testTimeout: jest.testTimeout,
  testMatch: tests.map((files) => `<rootDir>/${files}.test.ts`),
});

/** Returns Stryker's options for the mutation of some files. */
export const mutationOf = ({ mutate, jestConfig }) => ({
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  coverageAnalysis: 'perTest',
  mutate,
  jest: { projectType: 'custom', configFile: jestConfig },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-compilation-cache'],
  // Without a file of this name Stryker rewrites no tsconfig, for which it would need the API of an older compiler.
  tsconfigFile: 'none.json',
  ignorePatterns: ['/bench', '/cdk.out', '/docs', '/examples', '/infra', '/web', '.distributary'],
  tempDirName: 'coverage/mutation',
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: 'coverage/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: 2,
  // The tests of the stores start an engine, and a busy machine must not count as a killed mutant.
  timeoutMS: 30_000,
});
