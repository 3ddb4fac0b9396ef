// The calls of the terminals reference: a fleet, its configuration, its actions, its webhooks.

import { InvalidRequestError, Vinr } from '@vinr/sdk';

const vinr = new Vinr({ secretKey: process.env.VINR_SECRET_KEY });

const location = await vinr.locations.create({ displayName: 'Acme Coffee', timeZone: 'Europe/Berlin' });
const terminal = await vinr.testHelpers.terminals.create({ model: 'nexgo_n92', displayName: 'Counter 1' });

// A device in its box shows a code; this one is nobody's.
try {
  await vinr.terminals.activate({ activationCode: 'ACT-7X9K-2M4P', locationId: location.id });
} catch (error) {
  if (!(error instanceof InvalidRequestError)) throw error;
  console.log('activate', error.code);
}

console.log('retrieved', (await vinr.terminals.retrieve(terminal.id)).model);
const moved = await vinr.terminals.update(terminal.id, { locationId: location.id, displayName: 'Counter 3' });
console.log('updated', moved.displayName, moved.locationId === location.id);

const page = await vinr.terminals.list({ locationId: location.id, limit: 10 });
console.log('listed', page.data.map((one) => one.displayName), page.hasMore);
for await (const one of vinr.terminals.list({ limit: 1 })) console.log('each', one.model);

const configured = await vinr.terminals.configure(terminal.id, {
  tip: { mode: 'percentage', suggestions: [10, 15, 20] },
  receipt: { channels: ['print', 'sms'], requireConsent: true },
  display: { idleMessage: 'Welcome to Acme Coffee' },
  offlineMode: { enabled: true, maxAmount: 5000, maxQueue: 50 },
});
console.log('configured', configured.id === terminal.id);
const trial = await vinr.terminals.configure(terminal.id, { display: { idleMessage: 'Back soon' }, dryRun: true });
console.log('would change', trial.changed);

await vinr.locations.updateTerminalConfig(location.id, {
  tip: { mode: 'percentage', suggestions: [10, 15, 20] },
  receipt: { channels: ['print'], requireConsent: false },
  display: { idleMessage: 'Welcome' },
  offlineMode: { enabled: true, maxAmount: 5000, maxQueue: 50 },
});
const progress = await vinr.locations.retrieveTerminalConfigStatus(location.id);
console.log('at the location', progress.applied + progress.pending + progress.failed);

const action = await vinr.terminals.sendAction(terminal.id, { action: 'reboot' });
console.log('action', action.action, action.terminalId === terminal.id);

const endpoint = await vinr.webhookEndpoints.create({ url: 'http://127.0.0.1:9/hooks', enabledEvents: ['terminal.*'] });
console.log('webhooks', endpoint.enabledEvents, endpoint.secret !== undefined);
await vinr.webhookEndpoints.delete(endpoint.id);
