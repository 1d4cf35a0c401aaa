import type { Connection } from './subscription-record.ts';

/** A subscription that came to be or ended. */
export interface Arrival {
  readonly kind: 'joined' | 'left';
  readonly topic: string;
  readonly connection: Connection;
}

/** A connection asks to be told of a topic's members. */
interface Watch {
  readonly kind: 'watching';
  readonly topic: string;
  readonly connection: Connection;
}

export type PresenceEvent = Arrival | Watch;
