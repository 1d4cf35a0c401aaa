/** Tests are ES modules in TypeScript: swc strips the types, Node's own loader runs the modules. */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.distributary'],
};

/** Folders whose tests talk to a whole running backend: synthesized once for them all. */
const SYSTEM = ['client', 'contract', 'fault', 'load', 'local', 'cli', 'chaos', 'examples', 'browser'];

export default {
  testTimeout: 60_000,
  // Each module of each test file stays in its process for good: one that has grown is replaced, before collecting it costs more than the tests.
  maxWorkers: 2,
  workerIdleMemoryLimit: '1.5GB',
  projects: [
    {
      ...common,
      displayName: 'parts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: SYSTEM.map((folder) => `<rootDir>/test/${folder}/`),
    },
    {
      ...common,
      displayName: 'system',
      testMatch: SYSTEM.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      globalSetup: '<rootDir>/test/helpers/synthesize-once.ts',
      globalTeardown: '<rootDir>/test/helpers/remove-synthesized.ts',
    },
  ],
};
