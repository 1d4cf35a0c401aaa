import type { Price } from './prices.ts';

/** Returns the price of a quantity, tier by tier. */
export function priceOf({ tiers, per }: Price, quantity: number): number {
  let usd = 0;
  let from = 0;
  for (const tier of tiers) {
    usd += (Math.max(0, Math.min(quantity, tier.upTo) - from) / per) * tier.usd;
    from = tier.upTo;
  }
  return usd;
}
