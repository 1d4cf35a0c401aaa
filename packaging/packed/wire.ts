import type { WebSocketRoute } from 'playwright-core';

/** The connections of one page, in the hands of a test. */
export class Wire {
  dropsAcks = false;
  #sockets: WebSocketRoute[] = [];
  #cut = Promise.withResolvers<void>();

  constructor() {
    this.mend();
  }

  /** Takes a connection of the page, which opens when nothing is cut. */
  async take(socket: WebSocketRoute): Promise<void> {
    await this.#cut.promise;
    this.#sockets.push(socket);
    socket.connectToServer().onMessage((text) => {
      if (!this.dropsAcks || !String(text).includes('"type":"ack"')) socket.send(text);
    });
  }

  /** Closes all connections. New ones do not open. */
  cut(): void {
    this.#cut = Promise.withResolvers();
    for (const socket of this.#sockets) void socket.close({ code: 1001 });
    this.#sockets = [];
  }

  /** Lets connections open again. */
  mend(): void {
    this.#cut.resolve();
  }
}
