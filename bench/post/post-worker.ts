import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';
import { type OnePost, POST_VARIANTS } from './variants.ts';

export type PostVariant = keyof typeof POST_VARIANTS;

export interface PostLoad {
  readonly inFlight: number;
  readonly durationMs: number;
}

export interface PostCost {
  readonly perSecond: number;
  readonly cpuUsPerPost: number;
}

const BODY_BYTES = 200;
const MS_PER_SECOND = 1_000;

const BODY = JSON.stringify({ text: 'x'.repeat(BODY_BYTES - '{"text":""}'.length) });
let post: OnePost = () => Promise.reject(new Error('It is not open.'));

const commands = {
  open: async ({ variant, callbackUrl }: { variant: PostVariant; callbackUrl: string }): Promise<void> => {
    post = POST_VARIANTS[variant]({ callbackUrl, connectionId: 'JNqaFd1mIAMCKxA=' });
  },
  /** Posts for a while, so many at once, and says what that took of this process. */
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

export type PostCommands = typeof commands;

serve(commands);
