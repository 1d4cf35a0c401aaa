/** What a worker can be asked for: each takes one value that can be sent, and resolves to another. */
export type Commands = Readonly<Record<string, (input: never) => Promise<unknown>>>;

interface Call {
  readonly id: number;
  readonly name: string;
  /** Of the type that the command takes: the caller's side is checked against the same `Commands`. */
  readonly input: never;
}

export type Reply = { readonly id: number; readonly value: never } | { readonly id: number; readonly error: string };

/** The worker's side: answers calls until the process that asks is gone. */
export function serve(commands: Commands): void {
  process.on('message', (call: Call) => void answer(commands, call));
  process.on('disconnect', () => process.exit());
}

async function answer(commands: Commands, { id, name, input }: Call): Promise<void> {
  try {
    process.send?.({ id, value: await commands[name]?.(input) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
