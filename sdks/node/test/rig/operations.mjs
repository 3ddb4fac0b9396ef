// The operations that every SDK has, and how Node takes their arguments.

import { methodOf, shared } from './calls.mjs';

const { operations } = shared('operations.json');

/** Calls that take ids alone. */
const WITHOUT_PARAMETERS = /\.(?:retrieve\w*|cancel\w*|deactivate|test|verify|revoke\w*|delete\w*|generate\w*|resendDelivery)$/;
const WITH_PARAMETERS = new Set(['locations.retrieveTerminalConfigStatus', 'operator.auditLog.verify']);
const BARE_LISTS = new Set(['terminalModels.list', 'operator.releases.list']);

/** The operation of this name. */
export function operationNamed(name) {
  const found = operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`operations.json has no ${name}`);
  return found;
}

function takesParameters({ name }) {
  if (WITH_PARAMETERS.has(name)) return true;
  return !WITHOUT_PARAMETERS.test(name) && !BARE_LISTS.has(name);
}

/** How many arguments come before the options. */
export function arity(operation) {
  const ids = operation.name.endsWith('retrieveByReference') ? 1 : (operation.path.match(/\{/g) ?? []).length;
  return ids + (takesParameters(operation) ? 1 : 0);
}

/** Makes the call with these arguments, and options where they belong. */
export function invoke(vinr, operation, args = [], options = undefined) {
  const method = methodOf(vinr, operation.name);
  if (options === undefined) return method(...args);
  const missing = Math.max(0, arity(operation) - args.length);
  return method(...args, ...Array(missing).fill(undefined), options);
}
