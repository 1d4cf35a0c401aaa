import { enableCompileCache } from 'node:module';

// A later start finds the code that this one strips of its types and compiles: stripping it again takes time, and the
// memory of the tool that does it.
enableCompileCache();

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine(process.argv.slice(2), { command: 'npm start --' });
