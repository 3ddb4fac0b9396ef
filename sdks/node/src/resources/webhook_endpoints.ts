// Webhook endpoints: where events are posted, and what became of each. The only bodies that the API takes in snake case.

import type { ApiCall } from '../api_call.js';
import type {
  CreateWebhookEndpoint, DeletedWebhookEndpoint, ListWebhookDeliveriesQuery, ListWebhookEndpointsQuery, RollWebhookSecret, UpdateWebhookEndpoint, WebhookDelivery,
  WebhookEndpoint,
} from '../generated/api.js';
import { segment } from '../identity.js';
import { toSnake } from '../letter_case.js';
import type { List } from '../page.js';
import { Resource } from '../resource.js';
import type { CallOptions } from '../settings.js';

const PATH = '/v1/webhook-endpoints';

/** `vinr.webhookEndpoints` */
export class WebhookEndpoints extends Resource {
  /** Makes an endpoint; `secret` is shown this once. */
  create(params: CreateWebhookEndpoint, options?: CallOptions): ApiCall<WebhookEndpoint> {
    return this.write<WebhookEndpoint>(() => PATH, { body: toSnake(params) }, options);
  }

  /** The endpoint as it is now. */
  retrieve(id: string, options?: CallOptions): ApiCall<WebhookEndpoint> {
    return this.read<WebhookEndpoint>(() => `${PATH}/${segment('id', id)}`, {}, options);
  }

  /** Changes what is given; `status: 'disabled'` holds events back. */
  update(id: string, params: UpdateWebhookEndpoint, options?: CallOptions): ApiCall<WebhookEndpoint> {
    return this.write<WebhookEndpoint>(() => `${PATH}/${segment('id', id)}`, { body: toSnake(params) }, options);
  }

  /** Deletes the endpoint. */
  delete(id: string, options?: CallOptions): ApiCall<DeletedWebhookEndpoint> {
    return this.remove<DeletedWebhookEndpoint>(() => `${PATH}/${segment('id', id)}`, options);
  }

  /** Endpoints, newest first. */
  list(params: ListWebhookEndpointsQuery = {}, options?: CallOptions): List<WebhookEndpoint> {
    return this.pages<WebhookEndpoint>(() => PATH, params, options);
  }

  /** Replaces the secret; the old one signs too for a while. */
  rollSecret(id: string, params: RollWebhookSecret = {}, options?: CallOptions): ApiCall<WebhookEndpoint> {
    return this.write<WebhookEndpoint>(() => `${PATH}/${segment('id', id)}/roll-secret`, { body: toSnake(params) }, options);
  }

  /** Posts a test event to it. */
  test(id: string, options?: CallOptions): ApiCall<WebhookDelivery> {
    return this.write<WebhookDelivery>(() => `${PATH}/${segment('id', id)}/test`, {}, options);
  }

  /** What became of each event, newest first. */
  listDeliveries(id: string, params: ListWebhookDeliveriesQuery = {}, options?: CallOptions): List<WebhookDelivery> {
    return this.pages<WebhookDelivery>(() => `${PATH}/${segment('id', id)}/deliveries`, params, options);
  }

  /** What became of one event. */
  retrieveDelivery(id: string, deliveryId: string, options?: CallOptions): ApiCall<WebhookDelivery> {
    return this.read<WebhookDelivery>(() => `${PATH}/${segment('id', id)}/deliveries/${segment('deliveryId', deliveryId)}`, {}, options);
  }

  /** Posts the event again. */
  resendDelivery(id: string, deliveryId: string, options?: CallOptions): ApiCall<WebhookDelivery> {
    return this.write<WebhookDelivery>(() => `${PATH}/${segment('id', id)}/deliveries/${segment('deliveryId', deliveryId)}/resend`, {}, options);
  }
}
