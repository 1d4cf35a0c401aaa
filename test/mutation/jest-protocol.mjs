import { jestOf } from './options.mjs';

export default jestOf(['test/unit/shared/protocol/*', 'test/property/decode-frame']);
