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
  const hosts = hostsOf(webSocketApis);
  const certificate = createCertificate(Object.keys(hosts), Date.now());
  const certificateFile = join(directory, 'certificate.pem');
  await writeFile(certificateFile, certificate.cert);
  return { certificate, network: { hosts, certificateFile } };
}

/**
 * Returns the ports of the APIs by their public hosts. Each other host of the region's APIs leads to the first one,
 * which answers as API Gateway does for an API that does not exist.
 */
function hostsOf(apis: ApplicationModel['webSocketApis']): FunctionNetwork['hosts'] {
  const [first] = apis;
  const others = first === undefined ? [] : [[`*${first.host.slice(first.host.indexOf('.'))}`, first.port]];
  return Object.fromEntries([...others, ...apis.map(({ host, port }) => [host, port])]);
}
