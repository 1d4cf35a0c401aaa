import type { Stack } from '../find-stack.ts';
import { type Finding, ok, problem, notice, skipped } from './finding.ts';

/** Names the instance's dashboard, and whether its alarms notify anybody. */
export function checkMonitoring({ stackName, monitoring }: Pick<Stack, 'stackName' | 'monitoring'>): Finding[] {
  if (stackName === undefined) return [skipped('dashboard and alarms', 'the local runtime has none')];
  return [dashboardOf(monitoring.dashboardName), alarmsOf(monitoring.alarmTopicArn)];
}

const dashboardOf = (name: string | undefined): Finding =>
  name === undefined
    ? problem('dashboard', 'the stack has no output DashboardName', 'Deploy the stack again from this version.')
    : ok('dashboard', `${name}, in CloudWatch`);

const alarmsOf = (topicArn: string | undefined): Finding =>
  topicArn === undefined
    ? notice(
        'alarms',
        'they notify nobody: no address is set',
        'Deploy with -c alarmEmail=ops@example.com, or with alarms: { email } of the construct, and confirm the mail that SNS sends.',
      )
    : ok('alarms', `they notify the subscribers of ${topicArn}, once these have confirmed`);
