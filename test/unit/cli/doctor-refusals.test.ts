import { authenticationFinding } from '../../../cli/doctor/check-authentication.ts';
import { refusalFindings } from '../../../cli/doctor/check-refusals.ts';
import type { FunctionLogLine } from '../../../cli/logs/find-lines.ts';

describe('the doctor’s look at who is refused', () => {
  const line = (service: string, fields: Record<string, string>): FunctionLogLine => ({
    atMs: 0,
    requestId: 'r1',
    service,
    message: '',
    fields,
  });

  it('says whether a stack asks for tokens', () => {
    expect(authenticationFinding(['AWS::ApiGatewayV2::Authorizer'])).toMatchObject({ status: 'ok' });
    expect(authenticationFinding(['AWS::ApiGatewayV2::Api'])).toMatchObject({
      status: 'notice',
      found: expect.stringContaining('anyone who knows the URL'),
    });
  });

  it('counts refused handshakes by their codes, and refused frames by their functions', () => {
    const refused = ['origin', 'token-expired', 'token-expired'].map((code) => line('authorize', { code }));
    const limited = ['C1=', 'C1=', 'C2='].map((connectionId) => line('publish', { connectionId }));

    expect(refusalFindings({ failed: [], refused, limited })).toMatchObject([
      { status: 'ok', found: 'the authorizer refused 3 in the last 10m: 2 token-expired, 1 origin' },
      { status: 'notice', found: expect.stringContaining('3 frames of 2 connections') },
    ]);
    expect(refusalFindings({ failed: [], refused: [], limited: [] })).toMatchObject([
      { status: 'ok' },
      { status: 'ok' },
    ]);
  });

  it('finds a problem in handshakes that could not be decided', () => {
    const failed = [line('authorize', { code: 'keys-unavailable' })];

    expect(refusalFindings({ failed, refused: [], limited: [] })[0]).toMatchObject({
      status: 'problem',
      found: '1 handshake could not be decided in the last 10m: 1 keys-unavailable',
    });
  });
});
