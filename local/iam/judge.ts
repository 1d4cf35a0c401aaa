import type { Terminal } from '../model.ts';
import { type Access, evaluate, type AccessVerdict } from './evaluate.ts';
import type { Session } from './sessions.ts';

/**
 * Most verdicts that are kept, 10,000. A verdict is one of a function, an action, a resource and the condition keys
 * that its policies ask for. Past it the oldest is forgotten and judged again when it is needed.
 *
 * @limit operator
 */
const VERDICTS_MAXIMUM = 10_000;

/** The reason for which a call is refused. */
export interface Denial {
  readonly access: Access;
  /** The words of IAM, `User: … is not authorized to perform: … on resource: … because …`. */
  readonly message: string;
}

/** Judges what functions do. */
export interface Judge {
  /**
   * Returns the denial of the first access that is not allowed; undefined if all are. A promise only for what was not
   * judged before.
   */
  readonly judge: (session: Session, accesses: readonly Access[]) => Denial | undefined | Promise<Denial | undefined>;
  /** Judges an access beforehand, so that it is known when it comes. Nobody is told of a denial. */
  readonly prepare: (session: Session, access: Access) => void;
}

/** The dependencies of a judge. */
export interface JudgeDeps {
  readonly terminal: Pick<Terminal, 'warn'>;
  /** Sees each denial, with the name of the function. Default: nobody does. */
  readonly onDenied?: ((functionName: string, message: string) => void) | undefined;
  /** The evaluator. Default: the real one. */
  readonly evaluate?: typeof evaluate;
  readonly verdictsMaximum?: number;
}

const ALLOWED: AccessVerdict = { kind: 'allowed' };

const failed = (error: unknown): AccessVerdict => ({ kind: 'unknown', reason: String(error) });

/** Creates a judge, which keeps its verdicts: policies do not change while an application runs. */
export function createJudge({
  terminal,
  onDenied,
  evaluate: run = evaluate,
  verdictsMaximum = VERDICTS_MAXIMUM,
}: JudgeDeps): Judge {
  const verdicts = new Map<string, AccessVerdict>();
  const keep = (key: string, verdict: AccessVerdict): void => {
    const [oldest] = verdicts.keys();
    if (verdicts.size >= verdictsMaximum && oldest !== undefined) verdicts.delete(oldest);
    verdicts.set(key, verdict);
  };

  const find = async ({ rights, context }: Session, access: Access, key: string): Promise<AccessVerdict> => {
    if (rights === undefined) return ALLOWED;
    const verdict = await run(rights, { ...access, context: { ...context, ...access.context } }).catch(failed);
    keep(key, verdict);
    return verdict;
  };

  const told = new Set<string>();
  const deny = (session: Session, access: Access, verdict: AccessVerdict): Denial => {
    const { functionName } = session;
    const message = messageOf(session, access, verdict);
    onDenied?.(functionName, message);
    if (!told.has(message) && told.size < verdictsMaximum) {
      told.add(message);
      terminal.warn(warningOf(message, verdict));
    }
    return { access, message };
  };

  const judgeAll = async (session: Session, accesses: readonly Access[]): Promise<Denial | undefined> => {
    for (const access of accesses) {
      const key = keyOf(session, access);
      const verdict = verdicts.get(key) ?? (await find(session, access, key));
      if (verdict.kind !== 'allowed') return deny(session, access, verdict);
    }
    return undefined;
  };

  return {
    judge: (session, accesses) => {
      if (session.rights === undefined) return undefined;
      for (const access of accesses) {
        const verdict = verdicts.get(keyOf(session, access));
        if (verdict === undefined) return judgeAll(session, accesses);
        if (verdict.kind !== 'allowed') return deny(session, access, verdict);
      }
      return undefined;
    },
    prepare: (session, access) => void find(session, access, keyOf(session, access)),
  };
}

function keyOf({ credentials }: Session, { action, resource, context }: Access): string {
  let key = `${credentials.accessKeyId} ${action} ${resource}`;
  for (const name in context) key += ` ${name}=${JSON.stringify(context[name])}`;
  return key;
}

/** Words a refusal as IAM does: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. */
function messageOf(session: Session, { action, resource }: Access, { kind }: AccessVerdict): string {
  const { sessionArn, isRoleUnread = false } = session;
  const start = `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${resource}`;
  if (kind === 'explicitly-denied') return `${start} with an explicit deny in an identity-based policy`;
  const policy = kind === 'outside-boundary' ? 'permissions boundary' : 'identity-based policy';
  const note = isRoleUnread ? ' (the local runtime passes its role over)' : '';
  return `${start} because no ${policy} allows the ${action} action${note}`;
}

function warningOf(message: string, verdict: AccessVerdict): string {
  return verdict.kind === 'unknown' ? `${message} (its policies could not be judged: ${verdict.reason})` : message;
}
