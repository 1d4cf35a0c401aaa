import { decideHandshake } from '../../../shared/handshake/decide-handshake.ts';
import { handshakeEvent, type HandshakeOptions } from '../../helpers/handshake-events.ts';
import { noRevocations, startHandshakeScene } from '../../helpers/handshake-scene.ts';
import { SUBJECT } from '../../helpers/token-issuer.ts';

const { idp, decide, verify } = await startHandshakeScene();

afterAll(() => idp.server.close());

describe('the place of a token', () => {
  const refusalOf = async (options: HandshakeOptions) => {
    const decision = await decide(options);
    return 'refused' in decision ? decision.refused : decision.subject;
  };

  it('is the subprotocol, the header or the query, in any case of the names', async () => {
    const token = await idp.sign();

    const places: readonly HandshakeOptions[] = [
      { token },
      { headers: { 'sec-websocket-protocol': ['distributary.v1', `token.${token}`] } },
      { headers: { 'SEC-WEBSOCKET-PROTOCOL': [`token.${token},distributary.v1`] } },
      { headers: { authorization: [`bearer  ${token}`] } },
      { headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token] } },
      { query: { token: [token] }, headers: { Authorization: ['Basic YTpi'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => SUBJECT));
  });

  it('is missing, or empty', async () => {
    const places: readonly HandshakeOptions[] = [
      {},
      { token: '' },
      { headers: { Authorization: ['Bearer'] } },
      { headers: { Authorization: ['Bearer   '] } },
      { headers: { Authorization: ['Basic YTpi'] } },
      { headers: { 'Sec-WebSocket-Protocol': ['distributary.v1'] } },
      { query: { token: [''] } },
      { query: { Token: ['x'], TOKEN: ['x'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => 'no-token'));
  });

  it('is refused for two tokens, wherever they are and though both are good', async () => {
    const token = await idp.sign();

    const places: readonly HandshakeOptions[] = [
      { token, query: { token: [token] } },
      { token, headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token] }, headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token, token] } },
      { headers: { Authorization: [`Bearer ${token}`, 'Bearer x'] } },
      { headers: { 'Sec-WebSocket-Protocol': [`token.${token}, token.${token}`] } },
      { headers: { 'Sec-WebSocket-Protocol': [`token.${token}`], 'sec-websocket-protocol': ['token.'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => 'several-tokens'));
  });

  it('of an event without headers and query is none', async () => {
    const event = { ...handshakeEvent(), multiValueHeaders: null, multiValueQueryStringParameters: null };

    expect(await decideHandshake(event, { allowedOrigins: [], verify, checkRevocations: noRevocations })).toEqual({
      refused: 'no-token',
    });
  });
});

describe('the Origin of a handshake', () => {
  const ALLOWED = ['https://app.example.com', 'http://127.0.0.1:4000'];
  const isAllowed = async (headers: HandshakeOptions['headers'] = {}) => {
    const decision = await decide({ token: await idp.sign(), headers }, ALLOWED);
    return 'refused' in decision ? decision.refused : true;
  };

  it.each([...ALLOWED])('may be %s', async (origin) => {
    expect(await isAllowed({ Origin: [origin] })).toBe(true);
    expect(await isAllowed({ origin: [origin] })).toBe(true);
  });

  it('may be absent: tools and servers send none', async () => {
    expect(await isAllowed()).toBe(true);
  });

  it.each([
    'null',
    '',
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com:443',
    'https://app.example.com/',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://evil.example/https://app.example.com',
    'https://app.example.com@evil.example',
    'https://sub.app.example.com',
    'HTTPS://APP.EXAMPLE.COM',
    'https://app.example.com, https://evil.example',
    'http://127.0.0.1:4001',
    'http://127.0.0.1',
    'file://',
    'app.example.com',
  ])('may not be %j', async (origin) => {
    expect(await isAllowed({ Origin: [origin] })).toBe('origin');
  });

  it('may not be several, of which one is allowed', async () => {
    expect(await isAllowed({ Origin: ['https://app.example.com', 'https://evil.example'] })).toBe('origin');
    expect(await isAllowed({ Origin: ['https://app.example.com'], ORIGIN: ['null'] })).toBe('origin');
  });

  it('may be any if no list is set', async () => {
    const decision = await decide({ token: await idp.sign(), headers: { Origin: ['https://evil.example'] } });

    expect(decision).toMatchObject({ subject: SUBJECT });
  });

  it('is checked before the token: a foreign page learns nothing about a token', async () => {
    expect(await decide({ token: 'x', headers: { Origin: ['https://evil.example'] } }, ALLOWED)).toEqual({
      refused: 'origin',
    });
  });
});
