// Builds the package twice from the same sources, for `import` and for `require`. Owns nothing but the order.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const [format, type] of [['esm', 'module'], ['cjs', 'commonjs']]) {
  execFileSync(process.execPath, [tsc, '-p', join(root, `tsconfig.${format}.json`)], { stdio: 'inherit' });
  mkdirSync(join(root, 'dist', format), { recursive: true });
  // Each half says what it is, whatever the package around it says.
  writeFileSync(join(root, 'dist', format, 'package.json'), `${JSON.stringify({ type })}\n`);
}
