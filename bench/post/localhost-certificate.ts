import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate of `localhost` and 127.0.0.1, and its private key, both in PEM. */
export interface LocalhostCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** The tags of ASN.1 that a certificate needs. */
const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, utcTime: 0x17 } as const;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** The object identifiers of a certificate, as DER encodes them. */
const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
} as const;

/**
 * Creates a self-signed certificate that is valid for a day: Node makes keys and signatures, but no certificates.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */
export function createLocalhostCertificate(): LocalhostCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(SEQUENCE, oid('ecdsaWithSha256'));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, oid('commonName'), der(TAG.utf8, Buffer.from('localhost')))));
  const certificate = der(
    SEQUENCE,
    der(VERSION, der(TAG.integer, bytes(2))),
    der(TAG.integer, bytes(1)),
    algorithm,
    name,
    der(SEQUENCE, utcTime(Date.now() - DAY_MS), utcTime(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, ...extensions())),
  );
  const signature = der(TAG.bits, bytes(0), sign('sha256', certificate, privateKey));
  return {
    cert: inPem(der(SEQUENCE, certificate, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(): Buffer[] {
  const names = der(SEQUENCE, der(DNS_NAME, Buffer.from('localhost')), der(IP_ADDRESS, bytes(127, 0, 0, 1)));
  const isAuthority = der(SEQUENCE, der(TAG.boolean, bytes(0xff)));
  return [
    der(SEQUENCE, oid('subjectAltName'), der(TAG.octets, names)),
    der(SEQUENCE, oid('basicConstraints'), der(TAG.octets, isAuthority)),
  ];
}

/** Encodes one value of ASN.1 by DER: its tag, its length and its parts. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const inLength = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([bytes(tag, ...inLength), content]);
}

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);

const oid = (name: keyof typeof OID): Buffer => der(TAG.oid, Buffer.from(OID[name], 'hex'));

/** Encodes a time as `YYMMDDhhmmssZ`. */
const utcTime = (ms: number): Buffer =>
  der(TAG.utcTime, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/\D/g, '')}Z`));

function inPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
