import type { Behaviour } from './behaviour.ts';
import { GATEWAY_BEHAVIOURS } from './gateway-behaviours.ts';
import { OTHER_BEHAVIOURS } from './other-behaviours.ts';
import { SERVICE_BEHAVIOURS } from './service-behaviours.ts';

/** The sections of the numbers. */
export const SECTIONS: Readonly<Record<string, string>> = {
  A1: 'WebSocket events',
  A2: 'Routes',
  A3: 'Answers',
  A4: 'Connecting and authorizers',
  A5: 'Limits',
  A6: '`@connections`',
  A7: 'Integrations without a proxy',
  B1: 'Events of a stream',
  B2: 'Polling and batches',
  B3: 'Failed batches',
  B4: 'Queues',
  C1: 'Lambda',
  D1: 'DynamoDB and S3',
  E1: 'Rights',
};

/** The behaviours, by their numbers. A test holds each to a test that exists, or to a reason. */
export const BEHAVIOURS: readonly Behaviour[] = [...GATEWAY_BEHAVIOURS, ...OTHER_BEHAVIOURS, ...SERVICE_BEHAVIOURS];
