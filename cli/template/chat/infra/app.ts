import { App, Duration, Stack } from 'aws-cdk-lib';
import { Distributary } from '@distributary/cdk';

const app = new App();
const stack = new Stack(app, 'STACK_NAME');

// The issuer of the tokens. `npm start` names the issuer of this machine; before you deploy, write that of your users,
// { issuer, audience, jwksUri }, as `auth` into the context of cdk.json.
const auth = app.node.tryGetContext('auth');
if (auth === undefined) throw new Error('Nobody signs tokens: write `auth` into the context of cdk.json.');

new Distributary(stack, 'Live', { auth, retention: Duration.days(7) });
