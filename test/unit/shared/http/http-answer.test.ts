import { headerOf, readAnswer } from '../../../../shared/http/http-answer.ts';

describe('an answer to a post', () => {
  it.each([
    ['with a length', 'HTTP/1.1 410 Gone\r\nDate: now\r\nContent-Length: 4\r\n\r\nbody', 'body'],
    ['with a length of none', 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n', ''],
    ['without a reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', ''],
    ['that has no body by its status', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
      'abc0123456789',
    ],
    ['with a trailer', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n', 'a'],
    [
      'in chunks, whatever length it claims',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '',
    ],
    [
      'behind others that are none yet',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
      'x',
    ],
  ])('%s is read to its end, and another request may follow', (_, bytes, text) => {
    expect(readAnswer(bytes)).toMatchObject({ text, isWhole: true, keepsAlive: true });
  });

  it.each([
    ['says that it closes', 'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n'],
    ['is of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['has more behind it than it should', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n'],
    ['has more behind its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n!'],
    ['has a body that it should not have', 'HTTP/1.1 204 No Content\r\n\r\nbody'],
  ])('that %s is whole, and its connection is done', (_, bytes) => {
    expect(readAnswer(bytes)).toMatchObject({ isWhole: true, keepsAlive: false });
  });

  it.each([
    ['with a length', 'HTTP/1.1 500 X\r\ncontent-length: 4\r\n\r\nbod', 'bod'],
    ['in chunks', 'HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbod', 'bod'],
    ['before its last chunk', 'HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\n3\r\nbod\r\n', 'bod'],
    ['in its trailer', 'HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\n3\r\nbod\r\n0\r\nx: y\r\n', 'bod'],
    ['that ends with its connection', 'HTTP/1.1 500 X\r\n\r\nbod', 'bod'],
  ])('%s is not whole before its end, and what came of it is known', (_, bytes, text) => {
    expect(readAnswer(bytes)).toMatchObject({ status: 500, text, isWhole: false, keepsAlive: false });
  });

  it.each(['', 'HTTP/1.1 20', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'])(
    'is nothing yet while its head is not complete: %j',
    (bytes) => expect(readAnswer(bytes)).toBeUndefined(),
  );

  it.each([
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    '\x15\x03\x03\r\n\r\n',
    'SSH-2.0-x\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnone\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n',
  ])('is refused when it is none: %j', (bytes) => {
    expect(() => readAnswer(bytes)).toThrow(
      expect.objectContaining({ name: 'HttpAnswerError', code: 'BAD_HTTP_ANSWER' }),
    );
  });

  it('has headers whose names are of any case, the first of a name', () => {
    const answer = readAnswer('HTTP/1.1 200 OK\r\nX-Date: 0\r\nDATE:  now \r\ndate: then\r\ncontent-length: 0\r\n\r\n');

    expect(answer && headerOf(answer, 'date')).toBe('now');
    expect(answer && headerOf(answer, 'server')).toBe('');
  });
});
