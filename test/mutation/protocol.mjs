import { mutationOf } from './options.mjs';

// The texts of the contract file are left out: test/docs/asyncapi.test.ts compares them word by word.
export default mutationOf({
  mutate: ['shared/protocol/*.ts', '!shared/protocol/{asyncapi,frame-descriptions,frame-examples}.ts'],
  jestConfig: 'test/mutation/jest-protocol.mjs',
});
