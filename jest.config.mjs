import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// CDK's validation of a template takes longer than all else of a synthesis: test/infra/app.test.ts has it done.
process.env.CDK_VALIDATION ??= 'false';

// The tests start hundreds of Node processes. Most of the time of a short one is the compilation of its modules.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

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
  // The command line's package has the name of this repository, and the template is the app of others.
  modulePathIgnorePatterns: [
    'cdk.out',
    '.distributary',
    'coverage',
    'dist',
    'packaging/distributary',
    'cli/template',
  ].map((folder) => `<rootDir>/${folder}/`),
};

/** Folders whose tests share one running backend. */
const CONTRACT = ['contract'];

/** Folders whose tests share one running backend that asks for tokens. */
const AUTHENTICATED = ['contract', 'auth'];

/** Folders whose tests talk to a whole running backend: synthesized once for them all. */
const SYSTEM = ['client', 'fault', 'load', 'local', 'cli', 'chaos', 'examples', 'browser'];

const MEASURED = '{shared,handlers,client/src}/**/*.ts';
const RUNS = /^(export )?(default )?(async )?(const|let|function|class)\b/m;

/** The files of types alone, of which nothing is left to run and to cover. */
const TYPES = globSync(MEASURED).filter((file) => !RUNS.test(readFileSync(file, 'utf8')));

export default {
  // `npm run coverage`: by the tests of parts. The bundles that the local runtime starts run in other processes.
  // Counted by instrumented code, since V8's own counts take twice the CPU of the tests. It counts more branches: the
  // default of each `??` is one.
  coverageProvider: 'babel',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  collectCoverageFrom: [MEASURED, ...TYPES.map((file) => `!${file}`)],
  coverageThreshold: { global: { lines: 95, branches: 90 } },
  // Machines differ fourfold, and a test of whole processes takes four times as long on a busy one.
  testTimeout: 300_000,
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/helpers/longest-first.mjs',
  projects: [
    {
      ...common,
      displayName: 'parts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [...SYSTEM, ...CONTRACT, ...AUTHENTICATED].map((folder) => `<rootDir>/test/${folder}/`),
      globalSetup: '<rootDir>/test/helpers/run-cache.ts',
      globalTeardown: '<rootDir>/test/helpers/close-run.ts',
    },
    {
      ...common,
      displayName: 'system',
      testMatch: SYSTEM.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      globalSetup: '<rootDir>/test/helpers/synthesize-once.ts',
      globalTeardown: '<rootDir>/test/helpers/remove-synthesized.ts',
    },
    {
      ...common,
      displayName: 'contract',
      testMatch: CONTRACT.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      globalSetup: '<rootDir>/test/helpers/start-contract.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-contract.ts',
    },
    {
      ...common,
      displayName: 'authenticated',
      testMatch: AUTHENTICATED.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
      globals: { ASKS_FOR_TOKENS: true },
      globalSetup: '<rootDir>/test/helpers/start-authenticated.ts',
      globalTeardown: '<rootDir>/test/helpers/stop-authenticated.ts',
    },
  ],
};
