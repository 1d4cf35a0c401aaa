import { X509Certificate } from 'node:crypto';
import { createCertificate } from '../../../local/certificate.ts';

const NOW = Date.UTC(2026, 10, 29);
const HOSTS = Array.from({ length: 12 }, (_, index) => `api${index}.execute-api.eu-west-1.amazonaws.com`);

test('the certificate is for the given hosts and 127.0.0.1, for a year, and is no authority', () => {
  const { cert } = createCertificate(HOSTS, NOW);

  const read = new X509Certificate(cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(HOSTS.map((host) => read.checkHost(host))).toEqual(HOSTS);
  expect([read.checkIP('127.0.0.1'), read.checkHost('other.amazonaws.com')]).toEqual(['127.0.0.1', undefined]);
  expect(read.ca).toBe(false);
  expect([read.validFromDate, read.validToDate]).toEqual([
    new Date('2026-11-28T00:00Z'),
    new Date('2027-11-29T00:00Z'),
  ]);
});
