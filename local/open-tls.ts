import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, createCertificate } from './certificate.ts';
import type { FunctionNetwork } from './lambda/function-environment.ts';
import type { ApplicationModel } from './model.ts';

/** The certificate of the APIs' ports, and the network in which functions find these. */
export interface Tls {
  readonly certificate: Certificate;
  readonly network: FunctionNetwork;
}

/**
 * Makes a certificate for the public hosts of the application's APIs, and a file of it in the directory, which
 * functions trust. The key exists in memory only.
 */
export async function openTls({ webSocketApis }: ApplicationModel, directory: string): Promise<Tls> {
  const hosts = Object.fromEntries(webSocketApis.map(({ host, port }) => [host, port]));
  const certificate = createCertificate(Object.keys(hosts), Date.now());
  const certificateFile = join(directory, 'certificate.pem');
  await writeFile(certificateFile, certificate.cert);
  return { certificate, network: { hosts, certificateFile } };
}
