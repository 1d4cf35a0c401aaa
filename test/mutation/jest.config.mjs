import common from '../../jest.config.mjs';

const [{ globalSetup: _setup, globalTeardown: _teardown, ...parts }] = common.projects;

/** The tests of the protocol and of the stores, as `jest.config.mjs` runs them. */
export default {
  ...parts,
  rootDir: '../..',
  testTimeout: common.testTimeout,
  testMatch: ['test/unit/shared/{protocol,store}/*', 'test/property/{decode-frame,keyed-write}'].map(
    (files) => `<rootDir>/${files}.test.ts`,
  ),
};
