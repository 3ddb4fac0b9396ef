// Writes src/generated/api.ts, the types of everything that the API takes and answers, from docs/openapi.json. Reads no
// network and decides nothing: what the document says is what the types say, with names in camel case.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', '..', '..', 'docs', 'openapi.json');
const target = join(here, '..', 'src', 'generated', 'api.ts');
const document = JSON.parse(readFileSync(source, 'utf8'));
const schemas = document.components.schemas;

/** Pages of lists have a type of their own in the SDK; errors are classes. */
const LEFT_OUT = /List$|^Error$|^ErrorBody$|^Pairing|^OfferPairing$|^IssuedIdentity$|^GatewayPlace$|^Event$/;
/** Objects that each version writes in its own way (contract 1.3). */
const RENDERED = { TerminalPayment: 'LegacyTerminalPayment', Refund: 'LegacyRefund' };
/** The only places where the API takes names in snake case; the SDK turns them round there. */
const SNAKE_BODIES = /WebhookEndpoint$|^RollWebhookSecret$/;

const CURRENCIES = new Set(schemas.Batch.properties.currency.enum);

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const nameOf = (ref) => ref.split('/').at(-1);
const isObject = (schema) => schema.type === 'object' || schema.properties !== undefined;

/** Every schema that a request can carry, and what those refer to. */
function requested() {
  const found = new Set();
  const visit = (value) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (value === null || typeof value !== 'object') return undefined;
    if (typeof value.$ref === 'string' && !found.has(nameOf(value.$ref))) {
      found.add(nameOf(value.$ref));
      visit(schemas[nameOf(value.$ref)]);
    }
    return Object.values(value).forEach(visit);
  };
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) visit(operation.requestBody?.content?.['application/json']);
  }
  return found;
}

function comment(schema, indent) {
  const text = schema.description?.trim();
  if (!text) return '';
  const lines = text.replaceAll('*/', '* /').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

const literal = (value) => (typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value));

function enumeration(values) {
  const words = values.filter((value) => value !== null);
  const nullable = words.length < values.length;
  const currencies = words.length > 100 && words.every((word) => CURRENCIES.has(word));
  const names = currencies ? ['Currency'] : words.map(literal);
  return [...names, ...(nullable ? ['null'] : [])].join(' | ');
}

/** What a schema is in TypeScript; `how` says how an object that versions write differently is written. */
function type(schema, indent, how) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return enumeration(schema.enum);
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) {
    const times = alternatives.some((one) => one.format === 'date-time');
    const kept = alternatives.filter((one) => !times || one.type === 'null' || (one.type === 'string') === (how !== 'legacy'));
    return [...new Set(kept.map((one) => type(one, indent, how)))].join(' | ');
  }
  if (schema.allOf) {
    const parts = schema.allOf.filter((part) => part.$ref || part.enum || part.properties);
    return parts.map((part) => type(part, indent, how)).join(' & ');
  }
  const kinds = [schema.type ?? (schema.properties ? 'object' : undefined)].flat();
  return kinds.map((kind) => plain(kind, schema, indent, how)).join(' | ');
}

function plain(kind, schema, indent, how) {
  switch (kind) {
    case 'string': return 'string';
    case 'integer': case 'number': return 'number';
    case 'boolean': return 'boolean';
    case 'null': return 'null';
    case 'array': {
      const item = type(schema.items, indent, how);
      return /[ |&]/.test(item) ? `Array<${item}>` : `${item}[]`;
    }
    case 'object': {
      if (schema.properties) return fields(schema, indent, how);
      const values = schema.additionalProperties;
      return `Record<string, ${values && values !== true && Object.keys(values).length ? type(values, indent, how) : 'unknown'}>`;
    }
    default: return 'unknown';
  }
}

function fields(schema, indent, how) {
  const inner = `${indent}  `;
  const entries = Object.entries(schema.properties);
  if (entries.length === 0) return 'Record<string, never>';
  const lines = entries.map(([name, property]) => {
    let written = type(property, inner, how);
    let optional = !(schema.required ?? []).includes(name);
    if (how === 'current') {
      written = written.split(' | ').filter((part) => part !== 'null').join(' | ');
      if (name === 'metadata') optional = false;
    }
    if (how === 'legacy' && / \| null$/.test(written)) optional = false;
    const sent = how === 'request' && optional ? ' | undefined' : '';
    return `${comment(property, inner)}${inner}${camel(name)}${optional ? '?' : ''}: ${written}${sent};`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function declare(name, schema, how) {
  const head = comment(schema, '');
  if (schema.oneOf?.every((one) => one.title)) {
    const parts = schema.oneOf.map((one) => ({ name: `${name}${one.title.replace(/(?:^| )(.)/g, (_, l) => l.toUpperCase())}`, one }));
    const each = parts.map((part) => declare(part.name, part.one, how)).join('\n');
    return `${each}\n${head}export type ${name} = ${parts.map((part) => part.name).join(' | ')};\n`;
  }
  if (isObject(schema) && schema.properties && Object.keys(schema.properties).length > 0 && !schema.oneOf) {
    return `${head}export interface ${name} ${fields(schema, '', how)}\n`;
  }
  if (schema.type === 'object' && !schema.properties) return `${head}export type ${name} = Record<string, never>;\n`;
  return `${head}export type ${name} = ${type(schema, '', how)};\n`;
}

/** The parameters of every list and other look, by operation. */
function queries() {
  const all = [];
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) {
      const given = (operation.parameters ?? []).filter((one) => one.in === 'query' && one.name !== 'dryRun');
      if (given.length === 0) continue;
      const properties = Object.fromEntries(given.map((one) => [
        one.name.replace('[]', ''), { ...one.schema, description: one.description ?? one.schema.description },
      ]));
      const title = `${operation.operationId[0].toUpperCase()}${operation.operationId.slice(1)}Query`;
      all.push(declare(title, { type: 'object', description: `What \`${operation.operationId}\` can be asked for.`, properties }, 'request'));
    }
  }
  return all;
}

function generated() {
  const sent = requested();
  const out = [
    '// Generated from docs/openapi.json by scripts/generate.mjs; `cargo xtask gen` and `npm run generate` write it anew.\n',
    `/** An ISO 4217 code that the platform settles. */\nexport type Currency =\n${[...CURRENCIES].reduce((lines, code) => {
      if (lines.at(-1).length > 105) lines.push(' ');
      lines[lines.length - 1] += ` | '${code}'`;
      return lines;
    }, [' ']).join('\n')};\n`,
  ];
  for (const [name, schema] of Object.entries(schemas)) {
    if (LEFT_OUT.test(name)) continue;
    const snake = Object.keys(schema.properties ?? {}).some((property) => property.includes('_'));
    if (snake && sent.has(name) && !SNAKE_BODIES.test(name)) {
      throw new Error(`${name} is sent with names in snake case: teach src/letter_case.ts about it, then SNAKE_BODIES here`);
    }
    if (name in RENDERED) {
      out.push(declare(name, schema, 'current'));
      out.push(declare(RENDERED[name], { ...schema, description: `${name}, as version 2025-05-31 writes it.` }, 'legacy'));
    } else {
      out.push(declare(name, schema, sent.has(name) ? 'request' : 'answer'));
    }
  }
  return [...out, ...queries()].join('\n');
}

const text = generated();
if (process.argv.includes('--print')) {
  process.stdout.write(text);
} else if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch {
    // Not written yet: drifted.
  }
  if (current !== text) {
    process.stderr.write(`${relative(process.cwd(), target)} does not fit docs/openapi.json: run \`cargo xtask gen node-types\`\n`);
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
