import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createLocalhostCertificate } from '../../../bench/post/localhost-certificate.ts';

describe('the certificate of localhost', () => {
  it('is signed by its own key, for both names of this machine, and valid now', () => {
    const { cert, key } = createLocalhostCertificate();

    const certificate = new X509Certificate(cert);

    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.ca).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  it('differs each time, since its key does', () => {
    expect(createLocalhostCertificate().key).not.toBe(createLocalhostCertificate().key);
  });
});
