import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A private key and its self-signed certificate, both as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** The days for which a certificate is valid, 365: longer than any runtime runs. */
const VALID_DAYS = 365;
const DAY_MS = 86_400_000;
const SERIAL_BYTES = 8;
const PEM_COLUMNS = 64;

/** The tags of DER, the encoding of certificates: ITU-T X.690. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  ipAddress: 0x87,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** The object identifiers, encoded: RFC 5280 and RFC 5758. */
const OID = {
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  ecdsaWithSha256: '2a8648ce3d040302',
} as const;

/**
 * Returns a new key with a certificate for these host names and for 127.0.0.1. The certificate is no authority: nothing
 * else can be signed with its key.
 */
export function createCertificate(hosts: readonly string[], nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const unsigned = certificateFields(hosts, nowMs, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = sign('sha256', unsigned, privateKey);
  const certificate = sequence(unsigned, algorithm(), der(TAG.bits, Buffer.from([0]), signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(certificate) };
}

/** Returns the fields that are signed: `TBSCertificate` of RFC 5280. */
function certificateFields(hosts: readonly string[], nowMs: number, publicKey: Buffer): Buffer {
  const name = sequence(der(TAG.set, sequence(oid('commonName'), der(TAG.utf8, Buffer.from('local runtime')))));
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(SERIAL_BYTES)]);
  return sequence(
    der(TAG.version, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    algorithm(),
    name,
    sequence(time(nowMs - DAY_MS), time(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey,
    der(TAG.extensions, sequence(noAuthority(), alternativeNames(hosts))),
  );
}

function noAuthority(): Buffer {
  return sequence(oid('basicConstraints'), der(TAG.boolean, Buffer.from([0xff])), der(TAG.octets, sequence()));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => der(TAG.dnsName, Buffer.from(host)));
  const addresses = der(TAG.ipAddress, Buffer.from([127, 0, 0, 1]));
  return sequence(oid('subjectAltName'), der(TAG.octets, sequence(...names, addresses)));
}

const algorithm = (): Buffer => sequence(oid('ecdsaWithSha256'));

const oid = (name: keyof typeof OID): Buffer => der(TAG.oid, Buffer.from(OID[name], 'hex'));

const time = (ms: number): Buffer =>
  der(TAG.time, Buffer.from(`${new Date(ms).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`));

const sequence = (...parts: readonly Buffer[]): Buffer => der(TAG.sequence, ...parts);

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content]);
}

/** Returns a length: one byte below 128, otherwise the number of its bytes and these. */
function lengthOf({ length }: Buffer): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(new RegExp(`.{1,${PEM_COLUMNS}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
