import type { Load } from '../../cli/cost/load.ts';

/** The example of the cost meter's own help. */
export const LOAD: Load = {
  connections: 50_000,
  publishesPerSecond: 20,
  fanout: 300,
  messageBytes: 1_024,
  messagesPerFrame: 1,
  hoursOnline: 24,
  retentionHours: 24,
};

/** Seconds of a month of 730 hours. */
export const MONTH = 2_628_000;
