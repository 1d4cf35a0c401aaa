import { ClientSource, type GivenClient } from './client-source.ts';
import { NOT_CONNECTED } from './connection.ts';
import { NO_VALUE } from './counter.ts';
import { NO_MEMBERS } from './presence.ts';
import { SharedStores } from './shared-stores.ts';
import { NO_MESSAGES } from './topic.ts';

/** The client of one provider, and what the components below it follow. */
export class ClientStores {
  readonly source: ClientSource;
  readonly topics = new SharedStores(NO_MESSAGES);
  readonly counters = new SharedStores(NO_VALUE);
  readonly presences = new SharedStores(NO_MEMBERS);
  readonly connections = new SharedStores(NOT_CONNECTED);

  constructor(given: GivenClient) {
    this.source = new ClientSource(given);
  }
}
