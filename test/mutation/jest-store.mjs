import { jestOf } from './options.mjs';

export default jestOf(['test/unit/shared/store/*', 'test/property/keyed-write']);
