import { RootConstruct } from 'constructs';
import { readSettings } from '../../infra/settings.ts';

/** Reads settings from a context, without an App, which would leave a folder for its output behind. */
const settingsOf = (context: Readonly<Record<string, unknown>>) => {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readSettings(node);
};

describe('the settings', () => {
  it('have defaults', () => {
    expect(settingsOf({})).toEqual({
      stageName: 'live',
      messageRetentionHours: 24,
      setsLoggingRole: true,
      poster: 'fast',
    });
  });

  it('are taken from the context, as cdk.json writes them and as `-c` does', () => {
    const expected = { stageName: 'next-1', messageRetentionHours: 8_760, setsLoggingRole: false, poster: 'sdk' };
    const asText = { ...expected, messageRetentionHours: '8760', setsLoggingRole: 'false' };

    expect(settingsOf(expected)).toEqual(expected);
    expect(settingsOf(asText)).toEqual(expected);
  });

  it('have no address for alarms by default', () => {
    expect(settingsOf({})).toHaveProperty('alarmEmail', undefined);
    expect(settingsOf({ alarmEmail: 'ops@example.com' })).toHaveProperty('alarmEmail', 'ops@example.com');
  });

  it.each([
    ['stageName', ''],
    ['stageName', 'a/b'],
    ['stageName', 'ä'],
    ['stageName', '$default'],
    ['stageName', 'x'.repeat(129)],
    ['messageRetentionHours', '0'],
    ['messageRetentionHours', '-24'],
    ['messageRetentionHours', '1.5'],
    ['messageRetentionHours', '8761'],
    ['messageRetentionHours', ''],
    ['messageRetentionHours', 'a day'],
    ['messageRetentionHours', 'Infinity'],
    ['setsLoggingRole', 'yes'],
    ['setsLoggingRole', ''],
    ['poster', ''],
    ['poster', 'SDK'],
    ['poster', 'undici'],
    ['alarmEmail', ''],
    ['alarmEmail', 'nobody'],
    ['alarmEmail', 'a@b@c'],
    ['alarmEmail', 'two words@example.com'],
    ['alarmEmail', 7],
  ])('refuse %s: %j', (name, value) => {
    expect(() => settingsOf({ [name]: value })).toThrow(name);
  });
});
