/** The conduct of another runtime for a behaviour of AWS, in our own words, and the file that shows it. */
interface Seen {
  readonly says: string;
  readonly file: string;
}

/** A behaviour of AWS, by its number, with what the other runtimes do. */
export interface ComparedBehaviour {
  readonly number: string;
  /** One for each runtime, in their order. Undefined: the runtime has no such part. */
  readonly others: readonly (Seen | undefined)[];
}

/** The folder of the sources of floci. */
export const FLOCI = 'src/main/java/io/github/hectorvent/floci';

const FLOCI_SOCKETS = `${FLOCI}/services/apigatewayv2/websocket/WebSocketHandler.java`;
const MINISTACK_SOCKETS = 'ministack/services/apigateway.py';
const OFFLINE_CLIENTS = 'src/events/websocket/WebSocketClients.js';

/** Returns the conduct of floci; its file, unless given, is that of the connections. */
export const floci = (says: string, file = FLOCI_SOCKETS): Seen => ({ says, file });

/** Returns the conduct of ministack; its file, unless given, is that of API Gateway. */
export const ministack = (says: string, file = MINISTACK_SOCKETS): Seen => ({ says, file });

/** Returns the conduct of serverless-offline; its file, unless given, is that of the connections. */
export const offline = (says: string, file = OFFLINE_CLIENTS): Seen => ({ says, file });
