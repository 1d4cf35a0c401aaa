import { type HeldPort, holdPort } from './ports.ts';

/** Ports that are kept from other processes until they are released. There is at least one. */
export interface HeldPorts {
  readonly ports: readonly [number, ...number[]];
  readonly release: () => Promise<void>;
}

/** The choice of the first port: 0 is any free one. A held port was chosen by the caller. */
export interface PortChoice {
  readonly port: number;
  readonly heldPort: HeldPort | undefined;
}

/**
 * Returns so many ports, at least one. After a chosen port the next ones follow; whether they are free shows when
 * gateways listen on them. Beside any free port, the others are any free ports too, and held.
 */
export async function holdPorts(portCount: number, { port, heldPort }: PortChoice): Promise<HeldPorts> {
  const more = Math.max(0, portCount - 1);
  if (port !== 0 && heldPort === undefined) {
    const following = Array.from({ length: more }, (_, index) => port + 1 + index);
    return { ports: [port, ...following], release: async () => undefined };
  }
  const first = heldPort ?? (await holdPort());
  const others = await Promise.all(Array.from({ length: more }, () => holdPort()));
  const release = async (): Promise<void> => void (await Promise.all([first, ...others].map((held) => held.release())));
  return { ports: [first.port, ...others.map((held) => held.port)], release };
}
