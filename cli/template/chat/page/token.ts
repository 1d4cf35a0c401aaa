import { permissionsOf } from './permissions.ts';

/**
 * Fetches a token from the issuer of this machine, which believes everybody. In production this is a request to your
 * back end: it knows who is signed in, and signs what `permissionsOf` says by `mintToken` of `@distributary/server`.
 */
export async function fetchToken(name: string, issuer: string | URL = '/_runtime/tokens'): Promise<string> {
  const body = JSON.stringify({ sub: name, name, ...permissionsOf(name) });
  const response = await fetch(issuer, { method: 'POST', body });
  if (!response.ok) throw new Error(`No token for ${name}: ${response.status}`);
  const { token }: { readonly token: string } = await response.json();
  return token;
}
