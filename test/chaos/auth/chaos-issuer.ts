import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { createTerminal } from '../../../local/terminal.ts';
import { AUDIENCE, secondsFromNow, startTokenIssuer } from '../../helpers/token-issuer.ts';

/** The permissions of a token: lists of names and patterns. */
export interface TokenPermissions {
  readonly subscribe: readonly string[];
  readonly publish: readonly string[];
  readonly count: readonly string[];
}

/** A token, and the time in epoch milliseconds at which it ends. */
interface IssuedToken {
  readonly token: string;
  readonly endsAtMs: number;
}

/** An issuer, and the application whose authorizer takes its tokens. */
export interface ChaosIssuer {
  /** The folder of the synthesized application. */
  readonly assembly: string;
  readonly issue: (subject: string, seconds: number, permissions: TokenPermissions) => Promise<IssuedToken>;
  readonly stop: () => Promise<void>;
}

/** Starts an issuer, and synthesizes the application for it: its template contains the issuer's address. */
export async function startChaosIssuer(): Promise<ChaosIssuer> {
  const issuer = await startTokenIssuer();
  const assembly = await mkdtemp(join(tmpdir(), 'distributary-chaos-assembly-'));
  const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
  const auth = { issuer: issuer.issuer, audience: AUDIENCE, jwksUri: issuer.jwksUri };
  const stop = async (): Promise<void> => {
    await issuer.server.close();
    await rm(assembly, { recursive: true, force: true });
  };
  try {
    await synthesize({ cdkJson: 'cdk.json', outputDirectory: assembly, context: { auth } }, { terminal });
  } catch (error) {
    await stop();
    throw error;
  }
  const issue: ChaosIssuer['issue'] = async (sub, seconds, permissions) => {
    const exp = secondsFromNow(seconds);
    return { token: await issuer.sign({ sub, iat: exp - seconds, exp, ...permissions }), endsAtMs: exp * 1_000 };
  };
  return { assembly, issue, stop };
}
