import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeSetupError } from '../model.ts';

/** The file of a kept key in the directory of `--data`. */
const FILE_NAME = 'issuer-key.json';

/** The mode of the file, for the owner alone: a reader of the key could make tokens. */
const OWNER_ONLY = 0o600;

const CURVE = 'P-256';

/** The key pair of the local issuer, for signatures by ES256. */
export interface IssuerKey {
  /** The id of the key: its thumbprint by RFC 7638. */
  readonly kid: string;
  /** The public key as a JWK, without an id. */
  readonly publicJwk: Readonly<Record<string, string>>;
  /** Returns the signature of a text, in the form of JWS. */
  readonly sign: (text: string) => Buffer;
}

/** Returns the key that a directory keeps, or a new one, which is kept there. Without a directory it is in memory. */
export function openIssuerKey(directory: string | undefined): IssuerKey {
  if (directory === undefined) return issuerKeyOf(generateKey());
  const file = join(directory, FILE_NAME);
  return issuerKeyOf(existsSync(file) ? readKey(file) : writeKey(file));
}

const generateKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: CURVE }).privateKey;

function readKey(file: string): KeyObject {
  try {
    const jwk: JsonWebKey = JSON.parse(readFileSync(file, 'utf8'));
    if (jwk.crv !== CURVE) throw new Error(`it is not of the curve ${CURVE}`);
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    // A copied directory may have lost the mode.
    chmodSync(file, OWNER_ONLY);
    return key;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeSetupError(`${file} cannot be used as the issuer's key: ${reason}. Delete it for a new one`, {
      cause,
    });
  }
}

function writeKey(file: string): KeyObject {
  const key = generateKey();
  // Fails if the file exists by now: another runtime has written its key there.
  writeFileSync(file, `${JSON.stringify(key.export({ format: 'jwk' }))}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  return key;
}

function issuerKeyOf(privateKey: KeyObject): IssuerKey {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  // In the order of RFC 7638, which the thumbprint depends on.
  const publicJwk = { crv, kty, x, y };
  return {
    kid: createHash('sha256').update(JSON.stringify(publicJwk)).digest('base64url'),
    publicJwk,
    sign: (text) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}
