import { CONTRACT } from './contract-target.ts';
import { startShared } from './shared-runtime.ts';

/** Starts the runtime of the project `contract`, unless a stage is named: jest's global setup. */
export default async function startContract(): Promise<void> {
  if (process.env['DISTRIBUTARY_URL'] === undefined) await startShared(CONTRACT, []);
}
