import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { type AccessControl, createAccessControl } from '../../local/iam/access-control.ts';
import { withQuerySignature } from '../../local/iam/query-signature.ts';
import { s3Refusal } from '../../local/iam/s3-access.ts';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import type { CoveredRequest } from '../../local/iam/verify-signature.ts';
import { testAssembly } from '../helpers/runtime.ts';

const NOW_MS = Date.UTC(2026, 11, 1, 4, 15);
const MINUTE_MS = 60_000;
const HOST = '127.0.0.1:4000';

const application = loadAssembly(testAssembly(), { port: 4000 });

/** Signs a request as a function of the application, by the official signer. */
class Scene {
  readonly access: AccessControl = createAccessControl(application, { warn: () => undefined, now: () => NOW_MS });

  signerOf(service: string): SignatureV4 {
    const credentials = this.access.credentialsOf(application.functions[0]?.arn ?? '');
    if (credentials === undefined) throw new Error('The application has no function.');
    return new SignatureV4({ credentials, region: application.region, service, sha256: Sha256 });
  }

  readonly #sent = { method: 'GET', protocol: 'http:', hostname: '127.0.0.1', path: '/', headers: { host: HOST } };

  async signed(service: string, signedMs: number): Promise<CoveredRequest> {
    const { headers } = await this.signerOf(service).sign(this.#sent, { signingDate: new Date(signedMs) });
    return { method: 'GET', target: '/', header: (name) => headers[name], body: undefined };
  }

  async presigned(signedMs: number, expiresIn?: number): Promise<CoveredRequest> {
    const signingDate = new Date(signedMs);
    const options = expiresIn === undefined ? { signingDate } : { signingDate, expiresIn };
    const { query = {} } = await this.signerOf('execute-api').presign(this.#sent, options);
    const search = Object.entries(query).map(([name, text]) => `${name}=${encodeURIComponent(String(text))}`);
    const header = (name: string): string | undefined => (name === 'host' ? HOST : undefined);
    return withQuerySignature({ method: 'GET', target: `/?${search.join('&')}`, header, body: undefined });
  }

  /** Resolves to the refusal of a request, which is for nothing that needs a right. */
  refusalOf(service: string, request: CoveredRequest) {
    return this.access.check({ authorization: request.header('authorization'), service, request }, () => []);
  }
}

describe('a signature', () => {
  const scene = new Scene();

  it.each([
    [4 * MINUTE_MS, undefined],
    [-4 * MINUTE_MS, undefined],
    [
      6 * MINUTE_MS,
      'Signature expired: 20261201T040900Z is now earlier than 20261201T041000Z (20261201T041500Z - 5 min.)',
    ],
    [
      -6 * MINUTE_MS,
      'Signature not yet current: 20261201T042100Z is still later than 20261201T042000Z (20261201T041500Z + 5 min.)',
    ],
  ])('made %i ms ago is refused by a service outside of five minutes', async (ageMs, message) => {
    const refusals = ['dynamodb', 'lambda', 'execute-api', 'sqs'].map(async (service) =>
      scene.refusalOf(service, await scene.signed(service, NOW_MS - ageMs)),
    );
    const refusal = message === undefined ? undefined : { errorType: 'InvalidSignatureException', message };

    expect(await Promise.all(refusals)).toEqual([refusal, refusal, refusal, refusal]);
  });

  it('is refused by S3 outside of fifteen minutes, in its own words', async () => {
    const refusalAt = async (ageMs: number) => scene.refusalOf('s3', await scene.signed('s3', NOW_MS - ageMs));
    const refusal = await refusalAt(16 * MINUTE_MS);

    expect(await refusalAt(14 * MINUTE_MS)).toBeUndefined();
    expect(refusal && s3Refusal(refusal)).toEqual({
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: "The difference between the request time and the server's time is too large.",
    });
  });

  it.each<[string, number, number | undefined, boolean]>([
    ['within its time', 59_000, 60, true],
    ['past its time', 61_000, 60, false],
    ['within an hour', 50 * MINUTE_MS, 3_600, true],
    ['from a clock that goes before', -6 * MINUTE_MS, 3_600, false],
  ])('in a URL %s is judged by X-Amz-Expires', async (...row) => {
    const [, ageMs, expiresIn, isTaken] = row;
    const refusal = await scene.refusalOf('execute-api', await scene.presigned(NOW_MS - ageMs, expiresIn));

    expect(refusal?.errorType).toBe(isTaken ? undefined : 'InvalidSignatureException');
  });
});
