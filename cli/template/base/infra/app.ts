import { App, Stack } from 'aws-cdk-lib';
import { Distributary } from '@distributary/cdk';

const app = new App();
const stack = new Stack(app, 'STACK_NAME');

// Without `auth` everyone who knows the URL may subscribe and publish: set it before you deploy for others.
new Distributary(stack, 'Live');
