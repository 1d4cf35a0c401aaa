import type { Bench } from '../model.ts';
import { besideBare } from './beside-bare.ts';
import { growth } from './growth.ts';

/** The bench of fan-out: its growth with the number of subscribers, and the bare pipeline beside it. */
export const FANOUT: Bench = {
  name: 'fanout',
  summary: '1 publish to 1, 10, 100, 1,000, 10,000 subscribers; and the same steps in one plain process',
  run: async (context) => {
    const [grown, compared] = [await growth(context), await besideBare(context)];
    return { ratios: { ...grown.ratios, ...compared.ratios }, figures: [...grown.figures, ...compared.figures] };
  },
};
