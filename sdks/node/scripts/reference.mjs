// Writes docs/sdks/reference/node.md from the sources: every call with its types and what is said about it, every option, every error.
// Decides nothing: what is missing there is missing in the sources. `--check` compares, `--print` prints.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const sdk = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(sdk, '..', '..', 'docs', 'sdks', 'reference', 'node.md');
const entry = join(sdk, 'src', 'index.ts');
const { config } = ts.readConfigFile(join(sdk, 'tsconfig.esm.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, sdk);
const program = ts.createProgram([entry], { ...options, noEmit: true });
const checker = program.getTypeChecker();
const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry))).map((one) => [one.name, resolved(one)]));
const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
const GENERATED = /src\/generated\/api\.ts$/;

function resolved(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

const declarationOf = (symbol) => symbol.valueDeclaration ?? symbol.declarations?.[0];
const fileOf = (symbol) => declarationOf(symbol)?.getSourceFile().fileName ?? '';
const internal = (symbol) => symbol.getJsDocTags().some((tag) => tag.name === 'internal') || symbol.name.startsWith('__') || symbol.name.startsWith('#');

/** What is said about it, on one line for each paragraph. */
function said(symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  return text.replace(/\{@link (\w+)\}/g, '`$1`').split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ')).join('\n\n');
}

const plain = (text) => text.replace(/import\("[^"]*"\)\./g, '').replace(/ \| undefined(?=[,)]|$)/g, '').replaceAll('"', "'");

/** A type as its author wrote it, where it was written. */
function typeText(symbol) {
  const declaration = declarationOf(symbol);
  const written = ts.isMethodSignature(declaration ?? {}) ? declaration.getText().replace(/;$/, '') : declaration?.type?.getText();
  return plain(written ?? checker.typeToString(checker.getTypeOfSymbol(symbol), declaration, FLAGS)).replace(/\s+/g, ' ');
}

function isCall(symbol) {
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0 && !internal(symbol);
}

function call(path, symbol) {
  const type = checker.getTypeOfSymbol(symbol);
  const signatures = type.getCallSignatures().map((one) => plain(checker.signatureToString(one, undefined, FLAGS)));
  const code = signatures.map((one) => `${path}.${symbol.name}${one}`).join('\n');
  return `### ${path}.${symbol.name}\n\n\`\`\`ts\n${code}\n\`\`\`\n\n${said(symbol)}\n`.replace(/\n{3,}/g, '\n\n');
}

/** The calls of an object and of the objects in it, in the order of the sources. */
function group(path, type) {
  const members = checker.getPropertiesOfType(type).filter((one) => !internal(one));
  const own = members.filter(isCall);
  const inner = members.filter((one) => !isCall(one) && isGroup(one));
  const title = own.length > 0 ? [`## ${path}\n`, ...own.map((one) => call(path, one))] : [];
  return [...title, ...inner.flatMap((one) => group(`${path}.${one.name}`, checker.getTypeOfSymbol(one)))];
}

function isGroup(symbol) {
  const type = checker.getTypeOfSymbol(symbol);
  return Boolean(type.flags & ts.TypeFlags.Object) && type.getCallSignatures().length === 0;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A table of fields. */
function fields(symbol) {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const library = (one) => /node_modules/.test(fileOf(one));
  const rows = checker.getPropertiesOfType(type).filter((one) => !internal(one) && !library(one) && !isMethodOfClass(one))
    .map((one) => `| \`${one.name}${one.flags & ts.SymbolFlags.Optional ? '?' : ''}\` | \`${cell(typeText(one))}\` | ${cell(said(one))} |`);
  return rows.length === 0 ? '' : `| | type | |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const isMethodOfClass = (symbol) => ts.isMethodDeclaration(declarationOf(symbol) ?? {}) ;

function described(name) {
  const symbol = exported.get(name);
  const declaration = declarationOf(symbol);
  const alias = ts.isTypeAliasDeclaration(declaration) ? `\`\`\`ts\n${declaration.getText().replace(/^export /, '')}\n\`\`\`\n` : '';
  const clause = ts.isClassDeclaration(declaration) ? declaration.heritageClauses?.[0] : undefined;
  const above = clause?.token === ts.SyntaxKind.ExtendsKeyword ? clause.types[0]?.getText() : undefined;
  const kin = above === undefined ? '' : ` Extends \`${above}\`.`;
  return `### ${name}\n\n${said(symbol)}${kin}\n\n${alias || (above === undefined || above === 'Error' ? fields(symbol) : '')}`.trimEnd() + '\n';
}

function methods(name) {
  const type = checker.getDeclaredTypeOfSymbol(exported.get(name));
  return checker.getPropertiesOfType(type).filter((one) => isCall(one) && !['then', 'catch', 'finally'].includes(one.name) && fileOf(one).startsWith(join(sdk, 'src'))).map((one) => call(name[0].toLowerCase() + name.slice(1), one)).join('\n');
}

function page() {
  const vinr = checker.getDeclaredTypeOfSymbol(exported.get('Vinr'));
  const isError = (name) => name === 'VinrError' || checker.getDeclaredTypeOfSymbol(exported.get(name)).getBaseTypes?.()?.some((base) => /Error$/.test(base.symbol?.name ?? ''));
  const errors = [...exported.keys()].filter((name) => /Error$/.test(name) && isError(name)).sort((one) => (one === 'VinrError' ? -1 : 1));
  const optionTypes = ['VinrOptions', 'TerminalOptions', 'CallOptions'];
  const results = ['ApiCall', 'List', 'Page'];
  const done = new Set([...errors, ...optionTypes, ...results, 'Vinr', 'default', 'Webhooks', 'SDK_VERSION']);
  const types = [...exported.keys()].filter((name) => !done.has(name) && !GENERATED.test(fileOf(exported.get(name)))).sort();
  return [
    '# Node: every call\n',
    'Made by `npm run reference` in `sdks/node` from its sources; edit those instead. [The guide](../node.md) says how they are used. Types of what the API takes and',
    'answers (`TerminalPayment`, `Terminal`, …) are in [api.ts](../../../sdks/node/src/generated/api.ts), and come with the package.\n',
    '## Making a client\n\n```ts\nconst vinr = new Vinr(options: VinrOptions);\n```\n',
    ...optionTypes.map(described),
    ...group('vinr', vinr),
    '## Results\n',
    ...results.flatMap((name) => [`### ${name}\n\n${said(exported.get(name))}\n`, methods(name).replaceAll('### ', '#### ')]),
    '## Errors\n',
    ...errors.map(described),
    '## Types\n',
    ...types.map(described),
  ].join('\n').replace(/\n{3,}/g, '\n\n').trimEnd() + '\n';
}

const text = page();
if (process.argv.includes('--print')) process.stdout.write(text);
else if (process.argv.includes('--check')) {
  let there = '';
  try {
    there = readFileSync(target, 'utf8');
  } catch {
    // Absent is as wrong as drifted.
  }
  if (there !== text) {
    console.error(`${relative(process.cwd(), target)} drifted: run \`npm run reference\``);
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
