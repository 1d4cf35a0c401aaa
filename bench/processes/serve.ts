/** The commands of a worker. Each takes one serializable value and resolves to another. */
export type Commands = Readonly<Record<string, (input: never) => Promise<unknown>>>;

interface Call {
  readonly id: number;
  readonly name: string;
  /** The command's argument. The caller's side is checked against the same `Commands`. */
  readonly input: never;
}

/** A worker's reply to a call. */
export type Reply = { readonly id: number; readonly value: never } | { readonly id: number; readonly error: string };

/** Answers calls in a worker until the calling process has ended. */
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
