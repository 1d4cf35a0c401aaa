import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
  type IConfigFile,
} from '@microsoft/api-extractor';
import { ROOT } from './root.ts';

/** The declarations of one module. */
export interface RollUp {
  /** The declarations of the module, which import those of other modules. */
  readonly entry: string;
  /** The one file to write. */
  readonly file: string;
  /** The folder of all declarations. */
  readonly work: string;
  /** The report of the public surface, from the root of the repository; undefined for none. */
  readonly report: string | undefined;
  /** Whether the report stays as it is. If true, a difference is an error. */
  readonly keepsReport: boolean;
}

/** The messages that stop a build, beside errors: a name of the surface that leads to nothing. */
const FAULTS: ReadonlySet<string> = new Set(['ae-unresolved-link', 'ae-wrong-input-file-type']);

/** Writes the declarations of a module as one file, and the report of its public surface. Throws if either fails. */
export function rollUp(task: RollUp): void {
  const { work, report, keepsReport } = task;
  const manifest = join(work, 'package.json');
  writeFileSync(manifest, JSON.stringify({ name: 'surface' }));
  const config = ExtractorConfig.prepare({
    configObject: configOf(task),
    configObjectFullPath: undefined,
    packageJsonFullPath: manifest,
  });
  const faults: string[] = [];
  const messageCallback = (message: ExtractorMessage): void => {
    message.handled = true;
    if (isFault(message)) faults.push(message.formatMessageWithLocation(ROOT));
  };
  const { succeeded, apiReportChanged } = Extractor.invoke(config, { localBuild: !keepsReport, messageCallback });
  if (keepsReport && apiReportChanged) throw new Error(`${report} is not that of the sources: run npm run build.`);
  if (!succeeded || faults.length > 0) throw new Error(faults.join('\n'));
}

const isFault = ({ logLevel, messageId }: ExtractorMessage): boolean =>
  logLevel === ExtractorLogLevel.Error || FAULTS.has(messageId);

function configOf({ entry, file, work, report }: RollUp): IConfigFile {
  const reportFile = join(ROOT, report ?? 'none.api.md');
  return {
    projectFolder: work,
    mainEntryPointFilePath: entry,
    compiler: { tsconfigFilePath: join(work, 'tsconfig.json') },
    newlineKind: 'lf',
    apiReport: {
      enabled: report !== undefined,
      includeForgottenExports: true,
      reportFolder: dirname(reportFile),
      reportTempFolder: join(work, 'report'),
      reportFileName: basename(reportFile),
    },
    dtsRollup: { enabled: true, untrimmedFilePath: file },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Warning } },
      // Whether a member has a comment is no part of the surface, and no symbol here has a release tag.
      extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
}
