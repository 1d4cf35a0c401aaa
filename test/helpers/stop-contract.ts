import { CONTRACT } from './contract-target.ts';
import { stopShared } from './shared-runtime.ts';

/** jest's global teardown. */
const stopContract = (): Promise<void> => stopShared(CONTRACT);

export default stopContract;
