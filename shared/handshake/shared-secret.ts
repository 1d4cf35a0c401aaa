import { failureText } from './read-bounded.ts';
import { KeysUnavailableError } from './refusals.ts';
import type { TokenKeys } from './verify-token.ts';

/**
 * Time in ms for which an environment uses the secret before it reads it again. A token that is signed by a rotated
 * secret's earlier value is accepted for this long.
 * @limit operator
 */
export const SECRET_MS = 300_000;

/**
 * Time in ms between two reads of the secret, or two attempts, by one environment: forged tokens cannot make it read
 * more often.
 * @limit operator
 */
export const SECRET_COOLDOWN_MS = 15_000;

/** Size in bytes of the shortest secret for HS256: that of its hash (RFC 7518, section 3.2). */
export const SECRET_BYTES = 32;

/** The dependencies of the secret. */
export interface SharedSecretDeps {
  readonly readSecret: () => Promise<Uint8Array>;
  readonly now: () => number;
}

/**
 * Creates the secret by which a back end signs its tokens: read at the first token, kept over invocations, and read
 * again when it is old, or when a signature does not fit and the last read was a while ago.
 */
export const createSharedSecret = (deps: SharedSecretDeps): TokenKeys => {
  const secret = new SharedSecret(deps);
  return { keyOf: () => secret.get(), refresh: () => secret.refresh() };
};

class SharedSecret {
  readonly #deps: SharedSecretDeps;
  #value: Uint8Array | undefined;
  /** Time in epoch ms at which the value was read. */
  #readAt = Number.NEGATIVE_INFINITY;
  /** Time in epoch ms of the last attempt to read. A failed one does not make the value younger. */
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: SharedSecretDeps) {
    this.#deps = deps;
  }

  async get(): Promise<Uint8Array> {
    if (this.#deps.now() - this.#readAt >= SECRET_MS) this.#value = undefined;
    if (this.#value === undefined) await this.#read();
    if (this.#value !== undefined) return this.#value;
    throw new KeysUnavailableError('The secret was not read: the last attempt has failed a moment ago');
  }

  async refresh(): Promise<boolean> {
    const before = this.#value;
    await this.#read();
    return before !== this.#value;
  }

  async #read(): Promise<void> {
    const now = this.#deps.now();
    if (now - this.#triedAt < SECRET_COOLDOWN_MS) return;
    this.#triedAt = now;
    try {
      this.#value = checked(await this.#deps.readSecret());
      this.#readAt = now;
    } catch (error) {
      throw new KeysUnavailableError(`The secret was not read: ${failureText(error)}`);
    }
  }
}

function checked(secret: Uint8Array): Uint8Array {
  if (secret.length >= SECRET_BYTES) return secret;
  throw new Error(`it has less than ${SECRET_BYTES} bytes`);
}
