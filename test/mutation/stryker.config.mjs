/** Mutation testing of the protocol and of the stores: `npm run mutation`, outside CI. */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  coverageAnalysis: 'perTest',
  // The texts of the contract file are held by test/docs/asyncapi.test.ts, word by word.
  mutate: ['shared/{protocol,store}/**/*.ts', '!shared/protocol/{asyncapi,frame-descriptions,frame-examples}.ts'],
  jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.mjs' },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-compilation-cache'],
  // Without a file of that name, Stryker rewrites no tsconfig: it would need the API of an older compiler.
  tsconfigFile: 'none.json',
  ignorePatterns: ['/bench', '/cdk.out', '/coverage', '/docs', '/examples', '/infra', '/web', '.distributary'],
  tempDirName: 'coverage/mutation',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: 'coverage/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: 2,
  // The tests of the stores start an engine.
  timeoutMS: 30_000,
};
