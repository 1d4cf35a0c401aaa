import { PERMITTED_ACTIONS, type PermittedAction, type Permissions } from '../../shared/auth/permissions.ts';
import { withSubject } from '../../shared/auth/topic-pattern.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { durationOption, type OptionValues, textOption } from '../options.ts';

const HOUR_MS = 3_600_000;

/** The command that makes a token for development, by the issuer of the local runtime. */
export const TOKEN: Command = {
  name: 'token',
  summary: 'Make a token for development, by the local runtime.',
  help: `  distributary token --sub SUBJECT [--ACTION PATTERNS]...
    --sub SUBJECT         the subject: whom the token stands for
    --subscribe PATTERNS  the topics to subscribe to
    --publish PATTERNS    the topics to publish to
    --count PATTERNS      the counters for plus and minus
    --presence PATTERNS   the topics whose presence may be asked for
    --name NAME           the name that presence shows
    --for TIME            the life of the token, 1s to 24h (default 1h)

  A pattern is a name, or the start of names up to a / or : and then *, or * alone. \${sub} stands for the subject.
  Several are separated by commas. What no pattern names is not permitted. The token alone goes to standard output.
  The runtime asks for tokens when it is started by: npm start -- --auth

  distributary token --sub ann --subscribe 'news/*,user/\${sub}/*' --publish 'news/*' --count votes --for 1h
  npx -y wscat -c ws://127.0.0.1:4000/live -s distributary.v1 -s "token.$(npx distributary token --sub ann --subscribe '*')"`,
  options: {
    sub: { type: 'string' },
    subscribe: { type: 'string' },
    publish: { type: 'string' },
    count: { type: 'string' },
    presence: { type: 'string' },
    name: { type: 'string' },
    for: { type: 'string' },
  },
  run: make,
};

async function make({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} is not an option of token.`);
  const wanted = readWanted(values);
  const { stack } = await backend();
  if (stack.endpoints === undefined) {
    throw new OperatorError(
      `Tokens for ${stack.name} come from its identity provider: this command is for the local runtime.`,
    );
  }
  const { token, expiresAt, hasAuthorizer } = await requestToken(stack.name, stack.endpoints.callback, wanted);
  const end = new Date(expiresAt * 1_000).toISOString();
  output.note(`${wanted.sub} ${describe(wanted.permissions)}, until ${end}`);
  if (!hasAuthorizer) output.note('The runtime does not ask for tokens. Start it by: npm start -- --auth');
  output.line(token);
  output.data({ token, sub: wanted.sub, ...wanted.permissions, expiresAt: end, hasAuthorizer });
  return 0;
}

interface WantedToken {
  readonly sub: string;
  readonly name: string | undefined;
  readonly permissions: Permissions;
  readonly forSeconds: number;
}

function readWanted(values: OptionValues): WantedToken {
  const sub = textOption(values, 'sub');
  if (sub === undefined || sub === '') throw new UsageError('Name the subject of the token: --sub ann, say.');
  const lifeMs = durationOption(values, 'for') ?? HOUR_MS;
  if (lifeMs > CLI_BOUNDS.TOKEN_LIFE_MS) throw new UsageError('--for is at most 24h.');
  const patterns = (action: PermittedAction): readonly string[] => readPatterns(values, action, sub);
  const permissions = {
    subscribe: patterns('subscribe'),
    publish: patterns('publish'),
    count: patterns('count'),
    presence: patterns('presence'),
  };
  return { sub, name: textOption(values, 'name'), permissions, forSeconds: lifeMs / 1_000 };
}

function readPatterns(values: OptionValues, action: PermittedAction, sub: string): readonly string[] {
  const patterns = textOption(values, action)?.split(',') ?? [];
  const invalid = patterns.find((pattern) => withSubject(pattern, sub) === undefined);
  if (invalid === undefined) return patterns;
  throw new UsageError(
    `--${action}: ${invalid} is not a pattern for ${sub}. Write a name (news), or a start of names (news/*), or *.`,
  );
}

function describe(permissions: Permissions): string {
  const parts = PERMITTED_ACTIONS.filter((action) => permissions[action].length > 0).map(
    (action) => `${action} ${permissions[action].join(' ')}`,
  );
  return parts.length === 0 ? 'may do nothing (see --help)' : `may ${parts.join(', ')}`;
}

/** The answer of the local issuer. */
interface Minted {
  readonly token: string;
  /** The end of the token in epoch seconds. */
  readonly expiresAt: number;
  readonly hasAuthorizer: boolean;
}

async function requestToken(name: string, runtimeUrl: string, wanted: WantedToken): Promise<Minted> {
  const { sub, forSeconds, permissions, name: shownName } = wanted;
  const response = await fetch(new URL('/_runtime/tokens', runtimeUrl), {
    method: 'POST',
    body: JSON.stringify({ sub, forSeconds, ...permissions, name: shownName }),
    signal: AbortSignal.timeout(CLI_BOUNDS.FIND_MS),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && isMinted(answer)) return answer;
  const reason = isRefusal(answer) ? String(answer.message) : 'no reason';
  throw new OperatorError(`${name} makes no such token (${response.status}: ${reason}).`);
}

const isRefusal = (value: unknown): value is { readonly message: unknown } =>
  typeof value === 'object' && value !== null && 'message' in value;

const isMinted = (value: unknown): value is Minted =>
  typeof value === 'object' &&
  value !== null &&
  'token' in value &&
  typeof value.token === 'string' &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'number' &&
  'hasAuthorizer' in value &&
  typeof value.hasAuthorizer === 'boolean';
