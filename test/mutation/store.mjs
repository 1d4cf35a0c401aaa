import { mutationOf } from './options.mjs';

export default mutationOf({ mutate: ['shared/store/*.ts'], jestConfig: 'test/mutation/jest-store.mjs' });
