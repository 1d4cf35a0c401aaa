import { LambdaFixture } from './lambda-fixture.ts';

describe('What a function writes', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('has arrived before the result, with the request’s id, from both streams', async () => {
    const fn = fixture.fn(`
      export const handler = async (event) => {
        for (let i = 0; i < 2000; i += 1) process.stdout.write('out ' + i + '\\n');
        for (let i = 0; i < 2000; i += 1) process.stderr.write('err ' + i + '\\n');
      };`);
    const pool = fixture.pool([fn]);

    const first = await pool.invoke(fn.arn, {});
    const linesAfterFirst = pool.lines.length;
    const second = await pool.invoke(fn.arn, {});

    expect(linesAfterFirst).toBe(4_000);
    expect(pool.lines.filter(({ requestId }) => requestId === first.requestId)).toHaveLength(4_000);
    expect(pool.lines.filter(({ requestId }) => requestId === second.requestId)).toHaveLength(4_000);
    const written = pool.lines.slice(0, 4_000).filter(({ line }) => line.startsWith('out'));
    expect(written.map(({ line }) => line)).toEqual(Array.from({ length: 2_000 }, (_, i) => `out ${i}`));
  });

  it('to the console gets time, request id and level, one line an event', async () => {
    const fn = fixture.fn('export const handler = async () => console.warn("a %s\\nb", "x");');
    const pool = fixture.pool([fn]);

    const { requestId } = await pool.invoke(fn.arn, {});

    expect(pool.lines).toHaveLength(1);
    expect(pool.lines[0]?.line).toMatch(new RegExp(`^\\d{4}-[\\dT:.-]+Z\t${requestId}\tWARN\ta x\rb$`));
  });

  it('without an end of line is cut, and characters stay whole', async () => {
    const fn = fixture.fn('export const handler = async () => void process.stdout.write("é".repeat(250) + "\\n");');
    const pool = fixture.pool([fn], { limits: { lineBytes: 100 } });

    await pool.invoke(fn.arn, {});

    expect(pool.lines.map(({ line }) => line)).toEqual(['é'.repeat(100), 'é'.repeat(100), 'é'.repeat(50)]);
  });

  it('just before it dies is not lost', async () => {
    const fn = fixture.fn(
      'export const handler = async () => { process.stdout.write("last words"); process.exit(1); };',
    );
    const pool = fixture.pool([fn]);

    await pool.invoke(fn.arn, {});

    expect(pool.lines.map(({ line }) => line)).toEqual(['last words']);
  });
});
