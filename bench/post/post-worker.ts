import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';
import { type OnePost, POST_METHODS, type PostMethod } from './variants.ts';

/** The way of posting that a worker takes, and its endpoint. */
export interface PostStart {
  readonly method: PostMethod;
  readonly callbackUrl: string;
  /** The certificate of an endpoint with TLS, which the worker trusts. */
  readonly certificate?: string | undefined;
}

/** The load of one measurement: the number of posts in flight, and its length in ms. */
export interface PostLoad {
  readonly inFlight: number;
  readonly durationMs: number;
}

/** The cost of a measurement’s posts. */
export interface PostCost {
  readonly perSecond: number;
  readonly cpuUsPerPost: number;
}

const BODY_BYTES = 200;
const MS_PER_SECOND = 1_000;

const BODY = JSON.stringify({ text: 'x'.repeat(BODY_BYTES - '{"text":""}'.length) });
let post: OnePost = () => Promise.reject(new Error('It is not open.'));

const commands = {
  open: async ({ method, callbackUrl, certificate }: PostStart): Promise<void> => {
    if (certificate !== undefined) setDefaultCACertificates([...getCACertificates('default'), certificate]);
    post = POST_METHODS[method]({ callbackUrl, connectionId: 'JNqaFd1mIAMCKxA=' });
  },
  /** Posts for a while, a fixed number at once. Returns the rate and the CPU of this process. */
  post: async ({ inFlight, durationMs }: PostLoad): Promise<PostCost> => {
    const [beganMs, cpu] = [monotonicMs(), process.cpuUsage()];
    let posts = 0;
    const lane = async (): Promise<void> => {
      for (; monotonicMs() < beganMs + durationMs; posts++) await post(BODY);
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: (posts * MS_PER_SECOND) / (monotonicMs() - beganMs), cpuUsPerPost: (user + system) / posts };
  },
};

/** The commands of the worker process. */
export type PostCommands = typeof commands;

serve(commands);
