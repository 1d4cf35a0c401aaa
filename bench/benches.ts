import { BATCH } from './batch/batch.ts';
import { BLOCKS } from './blocks/blocks.ts';
import { CALL } from './call/call.ts';
import { CLIENT } from './client/client.ts';
import { COLDSTART } from './coldstart/coldstart.ts';
import { CONNECT } from './connect/connect.ts';
import { COUNTERS } from './counters/counters.ts';
import { FANOUT } from './fanout/fanout.ts';
import { FLOOD } from './flood/flood.ts';
import { HTTP } from './http/http.ts';
import { IAM } from './iam/iam.ts';
import { LARGE } from './large/large.ts';
import { MEMORY } from './memory/memory.ts';
import type { Bench } from './model.ts';
import { OVERLOAD } from './overload/overload.ts';
import { PEERS_BENCH } from './peers/peers.ts';
import { POST } from './post/post.ts';
import { PUBLISH_BENCH } from './publish/publish.ts';
import { REPLAY_BENCH } from './replay/replay.ts';
import { SLOW } from './slow/slow.ts';
import { TUTORIAL } from './tutorial/tutorial.ts';

/** All benches, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  POST,
  CALL,
  PUBLISH_BENCH,
  FANOUT,
  TUTORIAL,
  BATCH,
  PEERS_BENCH,
  SLOW,
  COUNTERS,
  COLDSTART,
  REPLAY_BENCH,
  HTTP,
  CLIENT,
  LARGE,
  FLOOD,
  CONNECT,
  OVERLOAD,
  MEMORY,
  BLOCKS,
  IAM,
];
