import { enableCompileCache } from 'node:module';

// What an earlier start has stripped of its types and compiled is not stripped and compiled again: that costs time, and
// the memory of the tool that strips.
enableCompileCache();

const { runCommandLine } = await import('./command-line.ts');
await runCommandLine(process.argv.slice(2), { command: 'npm start --' });
