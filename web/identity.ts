import { type PageIdentity, rememberedIdentity, rememberIdentity } from './remembered.ts';
import { element, field } from './element.ts';

/** The address at which the local runtime makes tokens for development. */
const ISSUER = '/_runtime/tokens';

/** The identity of a page that is opened for the first time. */
const GUEST: PageIdentity = { sub: 'guest', reads: '*', writes: '*' };

/**
 * Returns the token function of the page, and shows who one is, where the server of this page asks for tokens and makes
 * them itself, as the local runtime does. Resolves to undefined elsewhere: such a page has no token.
 */
export async function openIdentity(): Promise<(() => Promise<string>) | undefined> {
  const identity = rememberedIdentity() ?? GUEST;
  const first = await requestToken(identity);
  if (first === undefined) return undefined;
  showIdentity(identity);
  return async () => (await requestToken(identity)) ?? '';
}

/** Requests a token from the server of this page. Undefined: it asks for none, or makes none. */
async function requestToken({ sub, reads, writes }: PageIdentity): Promise<string | undefined> {
  const [read, write] = [patternsOf(reads), patternsOf(writes)];
  // Counters are named without their prefix where they are changed.
  const count = write.map((pattern) => pattern.replace(/^counter:/, ''));
  const body = JSON.stringify({ sub, name: sub, subscribe: read, presence: read, publish: write, count });
  const response = await fetch(ISSUER, { method: 'POST', body }).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const answer: unknown = await response.json().catch(() => undefined);
  return isToken(answer) && answer.hasAuthorizer ? answer.token : undefined;
}

const patternsOf = (text: string): string[] =>
  text
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');

const isToken = (value: unknown): value is { readonly token: string; readonly hasAuthorizer: boolean } =>
  typeof value === 'object' &&
  value !== null &&
  'token' in value &&
  typeof value.token === 'string' &&
  'hasAuthorizer' in value &&
  typeof value.hasAuthorizer === 'boolean';

/** Shows who one is, with a form to be somebody else. The page begins anew with another identity. */
function showIdentity(identity: PageIdentity): void {
  const form = element('identity-form');
  element('who').textContent = identity.sub;
  element('identity').hidden = false;
  for (const name of NAMES) field(form, name).value = identity[name];
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [sub = '', reads = '', writes = ''] = NAMES.map((name) => field(form, name).value.trim());
    rememberIdentity({ sub, reads, writes });
    location.reload();
  });
}

const NAMES = ['sub', 'reads', 'writes'] as const;
