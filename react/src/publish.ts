import type { PublishOptions, Published } from '@distributary/client';

/** A function that publishes to one topic. Rejects with a `RealtimeError`, as `publish` of the client does. */
export type Publish<Data> = (data: Data, options?: PublishOptions) => Promise<Published>;
