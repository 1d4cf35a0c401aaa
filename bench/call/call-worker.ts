import { serve } from '../processes/serve.ts';
import { CALL_WAYS, type CallName, type CallWay, type OneCall } from './ways.ts';

/** The call that a worker makes, its way and its endpoint. */
export interface CallStart {
  readonly way: CallWay;
  readonly name: CallName;
  readonly endpoint: string;
}

let call: OneCall = () => Promise.reject(new Error('It is not open.'));

const commands = {
  open: async ({ way, name, endpoint }: CallStart): Promise<void> => {
    call = CALL_WAYS[way](name, endpoint);
  },
  /** Calls one after another, as a warm Lambda does. Resolves to the CPU time in µs of this process for each. */
  call: async ({ times }: { readonly times: number }): Promise<number> => {
    const cpu = process.cpuUsage();
    for (let time = 0; time < times; time++) await call();
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / times;
  },
};

/** The commands of the worker process. */
export type CallCommands = typeof commands;

serve(commands);
