import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Call {
  /** The name of the command's class, such as `UpdateItemCommand`. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Lets the call through, with another input if one is given. */
  readonly proceed: (input?: object) => Promise<object>;
}

/** Puts itself between a client and the engine: what `hook` resolves to is the answer. */
export function intercept(client: DynamoDBClient, hook: (call: Call) => Promise<object>): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const proceed = async (input: object = args.input): Promise<object> => (await next({ ...args, input })).output;
      const command = String(context['commandName']);
      const output = await hook({ command, input: { ...args.input }, proceed });
      return { output: output as Awaited<ReturnType<typeof next>>['output'], response: undefined };
    },
    { step: 'initialize', name: 'intercept' },
  );
}
