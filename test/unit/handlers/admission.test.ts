import { createAdmission, createAuthentication } from '../../../handlers/admission.ts';
import type { RevocationCheck } from '../../../shared/auth/permissions.ts';
import type { StreamRequest } from '../../../shared/http-door/stream-request.ts';
import { TOKEN_CHARS } from '../../../shared/handshake/find-token.ts';
import { type HandshakeScene, noRevocations, startHandshakeScene } from '../../helpers/handshake-scene.ts';
import { secondsFromNow } from '../../helpers/token-issuer.ts';

const requestWith = (authorization?: string): StreamRequest => ({
  method: 'GET',
  path: '/v1/stream/news/a',
  origin: 'https://door.example',
  query: new URLSearchParams(),
  headers: authorization === undefined ? {} : { authorization },
  body: new Uint8Array(),
});

const READS = { action: 'subscribe', name: 'news/a' } as const;

describe('a request to the door of a stack that authenticates', () => {
  let scene: HandshakeScene;

  beforeAll(async () => {
    scene = await startHandshakeScene();
  });

  afterAll(() => scene.idp.server.close());

  const admit = (revoked: RevocationCheck['revoked'] = [], now = Date.now) =>
    createAdmission(
      createAuthentication({
        allowedOrigins: [],
        verify: scene.verify,
        checkRevocations: async (subject) => ({ ...(await noRevocations(subject)), revoked }),
      }),
      now,
    );

  it.each(['Bearer', 'bearer', 'BEARER  '])('is let in by its token, as its subject, with %p', async (scheme) => {
    const token = await scene.idp.sign();

    expect(await admit()(requestWith(`${scheme} ${token}`), READS)).toEqual({ subject: 'ann', isPrivate: true });
  });

  it('is let in without a token, as nobody, where IAM has let it in; its answer is for nobody else to keep', async () => {
    expect(await admit()({ ...requestWith(), isSigned: true }, READS)).toEqual({ isPrivate: true });
  });

  it.each([
    ['no header', async () => undefined],
    ['another scheme', async () => 'Basic YW5uOmFubg=='],
    ['a token that is none', async () => 'Bearer x.y.z'],
    ['a token that is too long', async () => `Bearer ${'x'.repeat(TOKEN_CHARS + 1)}`],
    ['a token of another issuer', async () => `Bearer ${await scene.idp.sign({ iss: 'https://other.example' })}`],
    ['a token that has ended', async () => `Bearer ${await scene.idp.sign({ exp: secondsFromNow(-60) })}`],
  ])('gets 401 with %s', async (_, header) => {
    expect(await admit()(requestWith(await header()), READS)).toEqual({ refused: 401 });
  });

  it('gets 403 where everything was revoked for its subject', async () => {
    expect(await admit(['*'])(requestWith(`Bearer ${await scene.idp.sign()}`), READS)).toEqual({ refused: 403 });
  });

  it.each([
    ['what its token does not permit', [], { action: 'publish', name: 'news/a' } as const],
    ['another topic', [], { action: 'subscribe', name: 'other' } as const],
    ['what was revoked', ['news/*'], READS],
  ])('is forbidden %s', async (_, revoked, need) => {
    const request = requestWith(`Bearer ${await scene.idp.sign()}`);

    await expect(admit(revoked)(request, need)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is told that its token has ended meanwhile', async () => {
    const request = requestWith(`Bearer ${await scene.idp.sign()}`);

    await expect(admit([], () => Date.now() + 7_200_000)(request, READS)).rejects.toMatchObject({
      code: 'token-expired',
    });
  });
});

describe('a request to the door of a stack that does not authenticate', () => {
  it('is let in, for everybody to keep', async () => {
    expect(await createAdmission(createAuthentication(undefined), Date.now)(requestWith(), READS)).toEqual({
      isPrivate: false,
    });
  });
});
