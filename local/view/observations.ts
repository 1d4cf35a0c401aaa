import type { JsonInvocation, ObserveInvocation } from '../lambda/lambda-pool.ts';
import type { Terminal } from '../model.ts';
import { VIEW } from './bounds.ts';
import { createRing } from './ring.ts';

type Outcome = JsonInvocation['outcome'];

/** An invocation as the view keeps it. */
export interface SeenInvocation {
  /** The invocation's own number as text: retries of an asynchronous event have one request id. */
  readonly id: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The event as JSON text, or its beginning. */
  readonly event: string;
  /** Whether the event is kept whole, so that it can be replayed. */
  readonly isWhole: boolean;
  /** The result as JSON text, or its beginning. Absent while the invocation runs. */
  result?: { readonly kind: Outcome['kind']; readonly text: string; readonly durationMs: number };
}

/** A call that a function may not make. */
export interface SeenRefusal {
  readonly functionName: string;
  readonly message: string;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly lastAt: number;
}

/** A line of the runtime itself. */
export interface SeenLine {
  readonly at: number;
  readonly text: string;
}

/** The newest that happened in a runtime, in memory and within bounds. */
export interface Observations {
  readonly observe: ObserveInvocation;
  readonly onDenied: (functionName: string, message: string) => void;
  /** Returns a terminal that keeps each warning before it passes it on. */
  readonly listen: (terminal: Terminal) => Terminal;
  readonly invocations: () => readonly SeenInvocation[];
  readonly refusals: () => readonly SeenRefusal[];
  readonly lines: () => readonly SeenLine[];
}

/** Creates the memory of a runtime. */
export function createObservations(now: () => number): Observations {
  const invocations = createRing<SeenInvocation>(VIEW.invocations);
  const lines = createRing<SeenLine>(VIEW.lines);
  const refusals = new Map<string, SeenRefusal>();
  let seenCount = 0;
  return {
    observe: ({ payload, ...begun }) => {
      const isWhole = payload.length <= VIEW.payloadCharacters;
      seenCount += 1;
      const seen: SeenInvocation = {
        ...begun,
        id: String(seenCount),
        startedAt: now(),
        event: beginningOf(payload),
        isWhole,
      };
      invocations.add(seen);
      return (outcome) => {
        seen.result = { kind: outcome.kind, text: textOf(outcome), durationMs: now() - seen.startedAt };
      };
    },
    onDenied: (functionName, message) => {
      const count = (refusals.get(message)?.count ?? 0) + 1;
      // Deleted first, so that the order is that of the newest calls.
      refusals.delete(message);
      refusals.set(message, { functionName, message, count, lastAt: now() });
      const [oldest] = refusals.keys();
      if (refusals.size > VIEW.refusals && oldest !== undefined) refusals.delete(oldest);
    },
    listen: (terminal) => ({
      ...terminal,
      warn: (text) => {
        lines.add({ at: now(), text: text.slice(0, VIEW.lineCharacters) });
        terminal.warn(text);
      },
    }),
    invocations: invocations.newest,
    refusals: () => [...refusals.values()].toReversed(),
    lines: lines.newest,
  };
}

/** Returns the beginning of a text as a copy: a part of a text keeps the whole one in memory. */
function beginningOf(text: string): string {
  if (text.length <= VIEW.payloadCharacters) return text;
  return Buffer.from(text.slice(0, VIEW.payloadCharacters)).toString();
}

function textOf(outcome: Outcome): string {
  if (outcome.kind === 'success') return beginningOf(outcome.payload);
  const { kind: _kind, ...failure } = outcome;
  return beginningOf(JSON.stringify(failure));
}
