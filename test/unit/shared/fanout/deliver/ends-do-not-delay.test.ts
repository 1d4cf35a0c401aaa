import { deliverFrames } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import { createFakeDelivery } from '../../../../helpers/fake-delivery.ts';

const subscriber = (connectionId: string, tokenEnd: number) => ({
  connectionId,
  connectedAt: 0,
  batch: false,
  tokenEnd,
});

describe('a delivery that meets connections whose tokens have ended', () => {
  it('posts to the others before the ends are recorded, and is done after that', async () => {
    const posted = Promise.withResolvers<void>();
    const steps: string[] = [];
    const delivery = createFakeDelivery((to) => {
      steps.push(`post ${to}`);
      posted.resolve();
      return 'delivered';
    });
    const endConnections = async (): Promise<void> => {
      await posted.promise;
      steps.push('ended');
    };
    const deps = { ...delivery, endConnections, removeConnection: async () => undefined, report: () => undefined };
    const subscribers = new Map([['news', [subscriber('old', 0), subscriber('live', Number.MAX_SAFE_INTEGER)]]]);

    await deliverFrames(deps, [{ topic: 'news', text: '{}' }], subscribers);

    expect(steps).toEqual(['post live', 'ended']);
  }, 5_000);
});
