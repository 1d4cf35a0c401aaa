/**
 * The network inside of an execution environment: host names of this application lead to this machine, and no other
 * host of AWS is reached. Part of the bootstrap, so its only imports are node:*.
 */
import { Socket } from 'node:net';
import type { BootstrapSettings } from './bootstrap-settings.ts';

/** The hosts of AWS, those in China included. */
const AWS_HOST = /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws|amazonwebservices\.com\.cn)$/;

/** The part of a host name that is a region. */
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** The error code of a refused connection. The SDK does not retry it, as it does network errors. */
const REFUSED = 'ERR_SERVICE_NOT_HERE';

/**
 * Redirects connections to the given hosts, and refuses those to other hosts of AWS: at once, by an error that names
 * the service, which `report` receives too. Every client of Node.js, `fetch` included, connects by the method that is
 * replaced.
 */
export function guardNetwork(ports: BootstrapSettings['hosts'], report: (line: string) => void): void {
  // The original receives each call with its own `this`.
  const original: unknown = Reflect.get(Socket.prototype, 'connect');
  if (typeof original !== 'function') return;
  Socket.prototype.connect = function connect(this: Socket, ...args: unknown[]): Socket {
    const host = hostOf(args);
    const port = portOf(host, ports, report);
    if (port !== undefined) Reflect.apply(original, this, redirect(args, port));
    else if (AWS_HOST.test(host)) refuse(this, host, report);
    else Reflect.apply(original, this, args);
    return this;
  };
}

/** Returns the port that a host leads to, and reports an API of nobody: API Gateway answers for it, and refuses. */
function portOf(host: string, ports: BootstrapSettings['hosts'], report: (line: string) => void): number | undefined {
  if (Object.hasOwn(ports, host)) return ports[host];
  const domain = `*${host.slice(host.indexOf('.'))}`;
  if (!Object.hasOwn(ports, domain)) return undefined;
  report(`${host} is no API of this template: API Gateway answers 403 Forbidden for an API that does not exist`);
  return ports[domain];
}

/** Returns the options of a call, which Node passes in a list that it has marked as normalized, or as they are. */
function optionsOf([first]: readonly unknown[]): unknown {
  return Array.isArray(first) ? first[0] : first;
}

/** Returns the host of a call; empty without one, as for a path of a Unix socket. */
function hostOf(args: readonly unknown[]): string {
  const options = optionsOf(args);
  const isObject = typeof options === 'object' && options !== null;
  const host: unknown = isObject ? Reflect.get(options, 'host') : args[1];
  return typeof host === 'string' ? host.toLowerCase() : '';
}

/** Returns the arguments with another place. The name that a certificate is checked against was read before. */
function redirect(args: unknown[], port: number): unknown[] {
  const place = { host: '127.0.0.1', port };
  const options = optionsOf(args);
  if (typeof options !== 'object' || options === null) return [port, place.host, ...args.slice(2)];
  const [first, ...others] = args;
  // The list is marked by a symbol, so it is changed and not copied.
  if (!Array.isArray(first)) return [{ ...options, ...place }, ...others];
  first[0] = { ...options, ...place };
  return args;
}

function refuse(socket: Socket, host: string, report: (line: string) => void): void {
  const message =
    `${serviceOf(host)} (${host}) is not here: the local runtime serves DynamoDB, S3, SQS, Lambda and the APIs of ` +
    'its template, and reaches nothing of AWS';
  report(message);
  // The caller adds its listeners after it has the socket, so an error at once would reach nobody.
  setImmediate(() => socket.destroy(Object.assign(new Error(message), { code: REFUSED })));
}

/** Returns the service that a host name names: `sqs` of `sqs.eu-west-1.amazonaws.com`. */
function serviceOf(host: string): string {
  const labels = host.replace(AWS_HOST, '').split('.');
  const region = labels.findIndex((label) => REGION.test(label));
  return labels[region - 1] ?? labels.at(-1) ?? host;
}
