// Packs what is published for Node: this SDK, and the simulator's program for one platform in a package of its own, which
// npm installs beside the SDK on that platform and on no other. Called by `cargo xtask package`; takes nothing from the
// network, and publishes nothing.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const sdk = join(dirname(fileURLToPath(import.meta.url)), '..');
const top = join(sdk, '..', '..');
const text = { type: 'string' };
const { values: given } = parseArgs({
  options: {
    version: text, platform: text, os: text, cpu: text, platforms: text, glibc: text, binary: text, notices: text, stage: text, out: text,
  },
});
const nameOf = (platform) => `@vinr/simulator-${platform}`;

function put(stage, manifest) {
  copyFileSync(join(top, 'LICENSE'), join(stage, 'LICENSE'));
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // No scripts are run: what is in the directory is what is packed.
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--offline', '--pack-destination', given.out], {
    cwd: stage, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NPM_CONFIG_UPDATE_NOTIFIER: 'false' },
  });
}

/** What the SDK brings along, as the lock file says: packing takes what is there and asks nobody. */
function bundled() {
  const { packages } = JSON.parse(readFileSync(join(sdk, 'package-lock.json'), 'utf8'));
  return Object.keys(packages).filter((path) => packages[path].inBundle);
}

function packSdk() {
  execFileSync(process.execPath, [join(sdk, 'scripts', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const stage = join(given.stage, 'sdk');
  mkdirSync(stage);
  // What serves its development is left out; what its own checkout cannot have yet comes in.
  const { scripts, devDependencies, ...manifest } = JSON.parse(readFileSync(join(sdk, 'package.json'), 'utf8'));
  if (manifest.version !== given.version) {
    throw new Error(`the SDK's version is ${manifest.version} and not ${given.version}: run \`cargo xtask gen versions\``);
  }
  for (const path of manifest.files) cpSync(join(sdk, path), join(stage, path), { recursive: true });
  for (const path of bundled()) cpSync(join(sdk, path), join(stage, path), { recursive: true });
  const simulators = given.platforms.split(',').map((platform) => [nameOf(platform), given.version]);
  put(stage, { ...manifest, optionalDependencies: Object.fromEntries(simulators) });
}

function packSimulator() {
  const stage = join(given.stage, 'simulator');
  mkdirSync(join(stage, 'bin'), { recursive: true });
  const program = join(stage, 'bin', 'vinr');
  copyFileSync(given.binary, program);
  chmodSync(program, 0o755);
  copyFileSync(given.notices, join(stage, 'THIRD-PARTY.txt'));
  const name = nameOf(given.platform);
  writeFileSync(join(stage, 'README.md'), `# ${name}

The program \`vinr\` for ${given.os} on ${given.cpu}, with glibc ${given.glibc} or newer. \`@vinr/sdk\` starts it when it is told
\`localSimulator: true\`; installing that installs this.
`);
  put(stage, {
    name,
    version: given.version,
    description: `The simulator that @vinr/sdk starts, for ${given.os} on ${given.cpu}.`,
    license: 'Apache-2.0',
    os: [given.os],
    cpu: [given.cpu],
    ...(given.os === 'linux' ? { libc: ['glibc'] } : {}),
    files: ['bin', 'README.md', 'THIRD-PARTY.txt'],
    preferUnplugged: true,
  });
}

packSdk();
packSimulator();
