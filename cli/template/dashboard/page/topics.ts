/** The cities that are watched. */
export const CITIES = ['Basel', 'Lagos', 'Osaka'] as const;

/** An order, as far as its message shows it. */
export interface Order {
  readonly city: string;
  readonly status: 'open' | 'sent';
  readonly cents: number;
}

/** The total of a city. */
export interface Total {
  readonly open?: number;
  readonly sent?: number;
  readonly cents?: number;
}

/** A message that a change of an item became. */
interface Change<Keys, Item> {
  readonly event: 'insert' | 'modify';
  readonly keys: Keys;
  readonly item: Item;
}

/** The data of each topic, checked by the compiler. */
export interface Topics {
  orders: Change<{ readonly orderId: string }, Order>;
  'totals/*': Change<{ readonly city: string }, Total>;
}
