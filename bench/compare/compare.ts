import type { BenchContext, Measured } from '../model.ts';
export async function compareWith(_revision: string, _context: BenchContext): Promise<Measured> {
  throw new Error('not yet');
}
