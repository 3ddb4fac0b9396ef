// Where the simulator's program is. Looks in known places only, runs nothing.

import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ConfigurationError } from '../errors.js';

const PROGRAM = process.platform === 'win32' ? 'vinr.exe' : 'vinr';

/** The first place where the program is: the option, the environment, the platform's package, this repository, the path. */
export function simulatorProgram(given: string | undefined): string {
  const told = given ?? (process.env['VINR_SIMULATOR'] || undefined);
  if (told !== undefined) {
    if (isProgram(told)) return told;
    const where = given === undefined ? 'VINR_SIMULATOR' : 'terminal.simulatorPath';
    throw absent(`${where} names no program that can be run`);
  }
  const found = [packaged(), ...checkout(), ...onPath()].find((path) => path !== undefined && isProgram(path));
  if (found !== undefined) return found;
  throw absent(`there is none for ${process.platform}-${process.arch} here: npm install --save-dev @vinr/simulator-${process.platform}-${process.arch}, or name the vinr program in terminal.simulatorPath or VINR_SIMULATOR`);
}

function absent(why: string): ConfigurationError {
  return new ConfigurationError('simulator_not_available', `the local simulator cannot be started: ${why}`, 'terminal.simulatorPath');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Resolves from the program that uses the SDK and from the SDK itself. */
function packaged(): string | undefined {
  const name = `@vinr/simulator-${process.platform}-${process.arch}/package.json`;
  for (const from of [ownFolder(), join(process.cwd(), 'package.json')]) {
    try {
      return join(dirname(createRequire(from).resolve(name)), 'bin', PROGRAM);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** A file of the SDK's own, wherever it is installed: both kinds of module are told it in the same way by a stack. */
function ownFolder(): string {
  const frame = /((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).+?):\d+:\d+\)?$/.exec(new Error().stack?.split('\n')[1] ?? '')?.[1];
  if (frame === undefined) return join(process.cwd(), 'package.json');
  return frame.startsWith('file://') ? fileURLToPath(frame) : frame;
}

/** The build of the repository that the SDK's own folder is in. */
function checkout(): string[] {
  const sdk = /^(.*)[/\\]sdks[/\\]node[/\\]/.exec(ownFolder())?.[1];
  return sdk === undefined ? [] : ['release', 'debug'].map((profile) => join(sdk, 'target', profile, PROGRAM));
}

function onPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter(Boolean).map((directory) => join(directory, PROGRAM));
}
