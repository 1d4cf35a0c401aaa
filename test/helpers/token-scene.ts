import { connectQuery } from '../../shared/protocol/connect-query.ts';
import * as BOUNDS from '../../client/src/bounds.ts';
import type { ConnectOptions, Realtime, RealtimeError, Status } from '../../client/src/index.ts';
import { type FakeSocket, FakeSockets, settled, subscribedFrame } from './fake-sockets.ts';
import { rawToken } from './token-issuer.ts';

/** A JWT with these claims. Nobody has signed it: a client does not verify tokens. */
export const tokenOf = (claims: object): string => rawToken({ alg: 'none' }, claims);

/** A client with tokens, on sockets and in a time that the test moves. */
export class TokenScene {
  readonly fake = new FakeSockets();
  readonly errors: RealtimeError[] = [];
  readonly statuses: Status[] = [];
  readonly rt: Realtime;

  constructor(options: ConnectOptions) {
    // No pings: nobody answers them.
    this.rt = this.fake.connect({ idleMs: BOUNDS.LIFETIME_MAXIMUM_MS, ...options });
    this.rt.on('error', (error) => this.errors.push(error));
    this.rt.on('status', (status) => this.statuses.push(status));
  }

  /** Opens the newest socket, once its token is there. */
  async open(): Promise<FakeSocket> {
    await settled();
    return this.fake.socket.open();
  }

  /** Moves the time, and lets the token function answer. */
  async advance(ms: number): Promise<void> {
    this.fake.clock.advance(ms);
    await settled();
  }

  /** Opens the newest socket, and answers all that it asks to subscribe to, by its URL and by frames. */
  async openAndAnswer(seq = 0): Promise<FakeSocket> {
    const socket = await this.open();
    const { topics = [] } = connectQuery.parse({ topics: new URL(socket.url).searchParams.getAll('topics') });
    for (const { topic } of topics) socket.receive(subscribedFrame(topic, seq));
    for (const frame of socket.framesOf('subscribe')) {
      await socket.ack(frame);
      socket.receive(subscribedFrame(String(frame['topic']), seq));
    }
    return socket;
  }

  get codes(): readonly string[] {
    return this.errors.map(({ code }) => code);
  }

  /** The tokens of all handshakes so far. */
  get tokens(): readonly (string | undefined)[] {
    return this.fake.all.map(({ protocols: [, token] }) => token?.replace('token.', ''));
  }
}
