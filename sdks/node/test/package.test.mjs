// The packed package in an empty directory: imported, required, and type-checked both ways, with nothing else installed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const PROGRAM = `const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });
const made: Promise<string | undefined> = vinr.terminal.payments.create({ terminalId: 'term_1', amount: 1, currency: 'USD' }).then((one) => one.last4);
const error: VinrError | undefined = undefined;
export { made, error };
`;

describe('the packed package', () => {
  let empty;
  const npm = (...args) => execFileSync('npm', args, { cwd: empty, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  before(() => {
    empty = mkdtempSync(join(tmpdir(), 'vinr-package-'));
    const [packed] = JSON.parse(npm('pack', root, '--ignore-scripts', '--json', '--pack-destination', empty));
    writeFileSync(join(empty, 'package.json'), '{"private":true}');
    npm('install', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`);
  });
  after(() => rmSync(empty, { recursive: true, force: true }));

  it('brings its one dependency along, and says its version', async () => {
    assert.deepEqual(Object.keys(description.dependencies), ['multicast-dns']);
    assert.deepEqual(description.bundleDependencies, ['multicast-dns']);
    const { SDK_VERSION } = await import('@vinr/sdk');
    assert.equal(SDK_VERSION, description.version);
  });

  for (const [kind, line] of [['module', "import { Vinr } from '@vinr/sdk';"], ['commonjs', "const { Vinr } = require('@vinr/sdk');"]]) {
    it(`runs as ${kind}`, () => {
      const code = `${line} console.log(typeof new Vinr({ secretKey: 'sk_test_x' }).terminal.payments.create);`;
      assert.equal(execFileSync(process.execPath, [`--input-type=${kind}`, '-e', code], { cwd: empty, encoding: 'utf8' }).trim(), 'function');
    });
  }

  for (const extension of ['mts', 'cts']) {
    it(`type-checks in a strict .${extension}`, () => {
      writeFileSync(join(empty, `program.${extension}`), `import { Vinr, type VinrError } from '@vinr/sdk';\n${PROGRAM}`);
      const options = ['--strict', '--noEmit', '--target', 'ES2022', '--module', 'NodeNext', '--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
      execFileSync(process.execPath, [tsc, ...options, `program.${extension}`], { cwd: empty, stdio: ['ignore', 'inherit', 'inherit'] });
    });
  }

  it('holds what it should and nothing else', () => {
    const listed = JSON.parse(npm('pack', root, '--ignore-scripts', '--dry-run', '--json'))[0].files.map((one) => one.path);
    assert.ok(listed.includes('README.md') && listed.includes('dist/esm/index.js') && listed.includes('dist/cjs/index.d.ts'));
    assert.deepEqual(listed.filter((path) => !/^(?:dist\/(?:esm|cjs)\/|node_modules\/(?:multicast-dns|dns-packet|thunky|@leichtgewicht\/ip-codec)\/|package\.json$|README\.md$|LICENSE$)/.test(path)), []);
  });
});
