import { declarationsIn, readDeclarations, sharedNames } from './helpers/doc-comments.ts';

/** The folders whose exports need doc comments and one name for one thing. */
const FOLDERS = [
  'shared',
  'handlers',
  'infra',
  'local',
  'cli',
  'client/src',
  'bench',
  'web',
  'examples',
  'docs',
  'packaging',
  'react/src',
  'server/src',
];

/** The folders whose doc comments are held to the rules: the tests, too. */
const COMMENTED = [...FOLDERS, 'test'];

/** The names that several files may export, each with the reason. */
const SHARED_NAMES: ReadonlyMap<string, string> = new Map([
  ['handler', 'Lambda finds the function of each file by this name.'],
  [
    'Published',
    'The position of a published message, in the packages of the client and of the server, which share no file.',
  ],
]);

/**
 * The words that begin no doc comment, since a comment that begins with one continues what stands before it. A comment
 * begins with a verb, or with a noun and its article, and names its subject.
 */
const FIRST_WORDS = [
  'About,After,Against,Also,Among,And,Another,Are,As,At,Because,Before,Behind,Beneath,Beside,Between,Beyond,Both,But',
  'Either,For,From,Has,He,Here,How,If,In,Is,It,Its,Least that,Like,Most that,Neither,Nobody,None,Not,Nothing',
  'Of,On,Once,Ones,Only,Or,Others,Over,Past,She,Since,So,Some,Such,Than,That,The same,Their,Then,These,They,This,Those',
  'Though,Through,To,Too,Under,Unless,Until,Up,Was,We,What,Whatever,When,Where,Wherever,Which,Whichever,While,Who',
  'Whoever,Whom,Whose,Why,With,Within,Without,You',
].flatMap((words) => words.split(','));

/** The words that begin no sentence of a doc comment. */
const SENTENCE_WORDS = ['It', 'So', 'Such', 'The same', 'Who', 'Whoever', 'Whatever'];

const beginsWith = (words: readonly string[]): RegExp => new RegExp(`^(?:${words.join('|')})\\b`);

const FIRST_WORD = beginsWith(FIRST_WORDS);
const SENTENCE_WORD = beginsWith(SENTENCE_WORDS);

const sentencesOf = (text: string): readonly string[] => text.split(/(?<=[.!?:;]) (?=[A-Z])/);

/** Returns the first words of the comment, or of the sentence of it, that breaks the rule; undefined if none does. */
function findBadBeginning(text: string): string | undefined {
  const [first = '', ...others] = sentencesOf(text);
  const bad = FIRST_WORD.test(first) ? first : others.find((sentence) => SENTENCE_WORD.test(sentence));
  return bad?.slice(0, 60);
}

const badBeginnings = (folders: readonly string[]): readonly string[] =>
  readDeclarations(folders).comments.flatMap(({ place, text }) => {
    const bad = findBadBeginning(text);
    return bad === undefined ? [] : [`${place} ${bad}`];
  });

describe('the doc comments', () => {
  it.each(COMMENTED)('are found in %s', (folder) => {
    expect(readDeclarations([folder]).comments.length).toBeGreaterThan(0);
  });

  it('begin with a verb or a noun, and name their subject', () => {
    expect(badBeginnings(COMMENTED)).toEqual([]);
  });

  it('are not wider than 120 columns', () => {
    expect(readDeclarations(COMMENTED).comments.flatMap(({ overlong }) => overlong)).toEqual([]);
  });

  it('stand before every exported function, constant and type', () => {
    const missing = readDeclarations(FOLDERS).exports.filter(({ isDocumented }) => !isDocumented);

    expect(missing.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
  });
});

describe('the exported names', () => {
  // The template is an app of its own.
  const shared = sharedNames(
    readDeclarations(FOLDERS).exports.filter(({ place }) => !place.startsWith('cli/template/')),
  );

  it('each mean one thing in the whole project', () => {
    const bad = shared.filter(({ name }) => !SHARED_NAMES.has(name));

    expect(bad.map(({ place, kind, name }) => `${place} ${kind} ${name}`)).toEqual([]);
  });

  it('have no exception that nobody needs', () => {
    expect([...SHARED_NAMES.keys()].filter((name) => !shared.some((each) => each.name === name))).toEqual([]);
  });
});

describe('the rules', () => {
  it.each([
    ['What a frame says.', 'What a frame says.'],
    ['The same for a counter.', 'The same for a counter.'],
    ['A frame. It has an id.', 'It has an id.'],
    ['A frame: So it is.', 'So it is.'],
  ])('find the bad beginning of %j', (text, beginning) => {
    expect(findBadBeginning(text)).toBe(beginning);
  });

  it.each([
    'Whether a frame has an id.',
    'Returns a frame. One of a topic.',
    'Items of it. Its seq.',
    'Sound. Italic.',
  ])('leave %j alone', (text) => {
    expect(findBadBeginning(text)).toBeUndefined();
  });

  it('find a comment at its line, and no glob in a string', () => {
    const source = ["const glob = 'test/**/*.ts';", '', '/**', ' * A thing,', ' * of two lines.', ' */', 'let a;'];

    const { comments } = declarationsIn(source.join('\n'), 'a.ts');
    expect(comments).toEqual([{ place: 'a.ts:3', text: 'A thing, of two lines.', overlong: [] }]);
  });

  it('find each line of a comment that is too wide', () => {
    const source = ['/**', ` * ${'x'.repeat(117)}`, ` * ${'x'.repeat(118)}`, ' */'];

    expect(declarationsIn(source.join('\n'), 'a.ts').comments[0]?.overlong).toEqual(['a.ts:3']);
  });

  it('find an export without a comment, and take the comment of an overload for all of them', () => {
    const source = [
      '/** A type. */',
      'export type A = string;',
      'export const b = 1;',
      '/** Returns. */',
      '// A hint to the linter.',
      'export function c(): void;',
      'export function c(): number;',
    ];

    const { exports } = declarationsIn(source.join('\n'), 'a.ts');
    expect(exports.map(({ name, isDocumented }) => [name, isDocumented])).toEqual([
      ['A', true],
      ['b', false],
      ['c', true],
    ]);
  });

  it('find a name that two files export as the same kind', () => {
    const sources = {
      'a.ts': 'export type A = 1;\nexport const B = 1;',
      'b.ts': 'export class A {}\nexport type B = 1;',
    };
    const exports = Object.entries(sources).flatMap(([file, source]) => declarationsIn(source, file).exports);

    expect(sharedNames(exports).map(({ place, name }) => `${place} ${name}`)).toEqual(['a.ts:1 A', 'b.ts:1 A']);
  });
});
