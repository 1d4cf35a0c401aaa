#!/usr/bin/env node
import { TooManyItemsError } from '../shared/store/operator-scan.ts';
import { type Backend, openBackend } from './backend.ts';
import { CLI_BOUNDS } from './bounds.ts';
import { ALL_OPTIONS, COMMANDS, HELP, helpOf } from './commands.ts';
import type { Command, ExitCode } from './command.ts';
import { confirm } from './confirm.ts';
import { findStack } from './find-stack.ts';
import { OperatorError, UsageError } from './operator-error.ts';
import { isSet, type OptionValues, type ParsedArguments, parseOptions, splitCommandLine } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { START } from './start.ts';
import { failureReason, unreachableBy } from './unreachable.ts';
import { projectVersion } from './version.ts';

/** The exit code of a process that SIGINT ended. */
const INTERRUPTED_TWICE = 130;

// `distributary tail | head`: the reader has closed the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2)).catch(fail);

async function main(all: readonly string[]): Promise<ExitCode> {
  const { name, args } = splitCommandLine(all, ALL_OPTIONS);
  if (name === undefined) return withoutCommand(args);
  if (name === START.name) return START.run(args);
  if (name === 'help') return args[0] === START.name ? START.run(['--help']) : sayHelp(args[0]);
  const command = findCommand(name);
  const parsed = parseOptions(args, command.options);
  if (isSet(parsed.values, 'help')) return sayHelp(name);
  return isSet(parsed.values, 'version') ? sayVersion(parsed.values) : run(command, parsed);
}

/** Answers a command line without a command: nothing at all asks for the help. Throws UsageError. */
function withoutCommand(args: readonly string[]): ExitCode {
  const { values } = parseOptions(args, {});
  if (args.length === 0 || isSet(values, 'help')) return sayHelp(undefined);
  if (isSet(values, 'version')) return sayVersion(values);
  throw new UsageError('Name a command. See distributary --help');
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(`There is no command ${name}. See distributary --help`);
  return command;
}

async function run(command: Command, { positionals, values }: ParsedArguments): Promise<ExitCode> {
  const output = outputOf(values);
  const interrupted = onInterrupt();
  let opened: Promise<Backend> | undefined;
  try {
    return await command.run({
      positionals,
      values,
      output,
      interrupted,
      backend: () => (opened ??= open(values, output.note)),
      confirm: async (question) => isSet(values, 'yes') || confirm(question, interrupted),
    });
  } catch (error) {
    if (error instanceof UsageError) error.message += `\nSee distributary ${command.name} --help`;
    throw error;
  } finally {
    // A backend that could not be opened has already failed the command with its reason.
    await opened?.then((backend) => backend.close()).catch(() => undefined);
  }
}

async function open(values: OptionValues, note: Output['note']): Promise<Backend> {
  return openBackend(await findStack({ values, environment: process.env, note, bounds: CLI_BOUNDS }), process.env);
}

/** Returns a signal that the first Ctrl-C aborts, so that the command ends itself. The second ends the process. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED_TWICE);
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return controller.signal;
}

function outputOf(values: OptionValues): Output {
  return createOutput({ json: isSet(values, 'json'), stdout: process.stdout, stderr: process.stderr });
}

function sayHelp(name: string | undefined): ExitCode {
  process.stdout.write(`${name === undefined ? HELP : helpOf(findCommand(name))}\n`);
  return 0;
}

function sayVersion(values: OptionValues): ExitCode {
  const version = projectVersion();
  const output = outputOf(values);
  output.line(version);
  output.data({ version });
  return 0;
}

/** Prints an error. One that the operator can fix is a sentence; a defect or an error of AWS keeps its stack trace. */
function fail(error: unknown): ExitCode {
  process.stderr.write(`${sentenceOf(error) ?? (error instanceof Error ? error.stack : String(error))}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** Returns the error as a sentence; undefined for an error that no operator can fix. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof OperatorError || error instanceof TooManyItemsError) return error.message;
  switch (unreachableBy(error)) {
    case 'refused':
      return `The stack is not there any more: nobody listens (${failureReason(error)}). Is it still running?`;
    case 'late':
      return `The stack is late: a request was not answered in time (${failureReason(error)}). Try again when it has less to do.`;
    default:
      return undefined;
  }
}
