import { startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

describe('a refusal of @connections', () => {
  it.each([
    ['AccessDeniedException', '{"Message":"no"}'],
    ['InvalidSignatureException', '{"message":"no"}'],
  ])('names the text of %s as API Gateway does', async (errorType, body) => {
    const { callbackUrl } = await startHarness({ deps: { authorizeCallback: () => ({ errorType, message: 'no' }) } });

    const response = await fetch(callbackUrl('AAAAAAAAAAAAAAA='), {
      method: 'POST',
      headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      body: 'x',
    });

    expect(response.status).toBe(403);
    expect(response.headers.get('x-amzn-errortype')).toBe(errorType);
    expect(await response.text()).toBe(body);
  });
});
