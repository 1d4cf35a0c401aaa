import { App, Stack } from 'aws-cdk-lib';
import { Distributary } from '@distributary/cdk';

const app = new App();
const stack = new Stack(app, 'STACK_NAME');

// Without `auth` everyone who knows the URL may subscribe and publish. The context of cdk.json names an identity
// provider, { issuer, audience, jwksUri }; `npm start -- --auth` names the one of this machine.
new Distributary(stack, 'Live', { auth: app.node.tryGetContext('auth') });
