// Events: listed, retrieved, and followed as they happen.

import type { ApiCall } from '../api_call.js';
import { VinrError } from '../errors.js';
import type { VinrEvent } from '../events.js';
import type { Call } from '../exchange.js';
import type { ListEventsQuery, StreamEventsQuery } from '../generated/api.js';
import { segment } from '../identity.js';
import { fromWire, toQuery } from '../letter_case.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import { pauseMs } from '../retry.js';
import type { CallOptions } from '../settings.js';
import { messages } from '../server_sent.js';

/** What is followed. */
export type StreamParams = Omit<StreamEventsQuery, 'enabledEvents'> & {
  /** Only these types or categories; all when left out. */
  enabledEvents?: string[] | undefined;
};

/** `vinr.events` */
export class EventLog extends Resource {
  /** The event. */
  retrieve(id: string, options?: CallOptions): ApiCall<VinrEvent> {
    return this.read<VinrEvent>(() => `/v1/events/${segment('id', id)}`, {}, options);
  }

  /** Events of the last 30 days, newest first. */
  list(params: ListEventsQuery = {}, options?: CallOptions): List<VinrEvent> {
    return this.pages<VinrEvent>(() => '/v1/events', params, options);
  }

  /**
   * Events as they happen, each once and in order: a connection that is lost is made again and goes on after the last event.
   * Ends when the loop is left or `signal` says so; throws when the platform refuses, or `maxRetries` connections in a row fail.
   */
  async *stream(params: StreamParams = {}, options: CallOptions = {}): AsyncGenerator<VinrEvent, void, undefined> {
    const most = options.maxRetries ?? this.exchange.peer.maxRetries;
    let { after } = params;
    for (let failed = 0; !options.signal?.aborted; ) {
      const control = new AbortController();
      const end = (): void => control.abort();
      options.signal?.addEventListener('abort', end, { once: true });
      const call = this.#call(after, params.enabledEvents);
      try {
        const response = await this.exchange.open(call, options, control.signal);
        for await (const { data } of messages(response)) {
          failed = 0;
          const event = fromWire(JSON.parse(data)) as VinrEvent;
          // Progress has no id: one resumes behind the last event that is kept.
          if (event.id) after = event.id;
          yield event;
        }
      } catch (thrown) {
        if (options.signal?.aborted) return;
        // A refusal stays one; a lost connection is made again.
        if (thrown instanceof VinrError && thrown.statusCode !== undefined && thrown.statusCode < 500 && thrown.statusCode !== 429) throw thrown;
        if (failed >= most) throw thrown;
      } finally {
        options.signal?.removeEventListener('abort', end);
        control.abort();
      }
      failed += 1;
      await this.exchange.rest(pauseMs(failed, { what: 'lost', layer: 'http', cause: new Error('stream ended') }, Math.random()), call, options.signal, false);
    }
  }

  #call(after: string | undefined, enabledEvents: string[] | undefined): Call {
    const query = toQuery({ after, enabled_events: enabledEvents });
    return { kind: 'read', money: false, method: 'GET', path: '/v1/events/stream', query, version: this.version };
  }
}
