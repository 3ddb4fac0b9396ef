"""What is the same in every call of a method. Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

from .._resource import Operation


TERMINAL__PAYMENTS__CREATE = Operation(
    "terminal.payments.create", "charge", "POST", "/v1/terminal/payments", "2026-06-11", money=True,
)
TERMINAL__PAYMENTS__CREATE_SYNC = Operation(
    "terminal.payments.create_sync", "charge", "POST", "/v1/terminal/payments", "2026-06-11", money=True,
)
TERMINAL__PAYMENTS__RETRIEVE = Operation(
    "terminal.payments.retrieve", "read", "GET", "/v1/terminal/payments/{0}", "2026-06-11",
)
TERMINAL__PAYMENTS__RETRIEVE_BY_REFERENCE = Operation(
    "terminal.payments.retrieve_by_reference", "read", "GET", "/v1/terminal/payments", "2026-06-11",
)
TERMINAL__PAYMENTS__LIST = Operation(
    "terminal.payments.list", "read", "GET", "/v1/terminal/payments", "2026-06-11", cursor="id",
)
TERMINAL__PAYMENTS__CAPTURE = Operation(
    "terminal.payments.capture", "write", "POST", "/v1/terminal/payments/{0}/capture", "2026-06-11", money=True,
)
TERMINAL__PAYMENTS__CANCEL = Operation(
    "terminal.payments.cancel", "write", "POST", "/v1/terminal/payments/{0}/cancel", "2026-06-11",
)
TERMINAL_PAYMENTS__CREATE = Operation(
    "terminal_payments.create", "charge", "POST", "/v1/terminal/payments", "2025-05-31", money=True,
)
TERMINAL_PAYMENTS__CREATE_SYNC = Operation(
    "terminal_payments.create_sync", "charge", "POST", "/v1/terminal/payments", "2025-05-31", money=True,
)
TERMINAL_PAYMENTS__RETRIEVE = Operation(
    "terminal_payments.retrieve", "read", "GET", "/v1/terminal/payments/{0}", "2025-05-31",
)
TERMINAL_PAYMENTS__RETRIEVE_BY_REFERENCE = Operation(
    "terminal_payments.retrieve_by_reference", "read", "GET", "/v1/terminal/payments", "2025-05-31",
)
TERMINAL_PAYMENTS__LIST = Operation(
    "terminal_payments.list", "read", "GET", "/v1/terminal/payments", "2025-05-31", cursor="id",
)
TERMINAL_PAYMENTS__CAPTURE = Operation(
    "terminal_payments.capture", "write", "POST", "/v1/terminal/payments/{0}/capture", "2025-05-31", money=True,
)
TERMINAL_PAYMENTS__CANCEL = Operation(
    "terminal_payments.cancel", "write", "POST", "/v1/terminal/payments/{0}/cancel", "2025-05-31",
)
TERMINALS__ACTIVATE = Operation(
    "terminals.activate", "write", "POST", "/v1/terminals/activate", "2026-06-11",
)
TERMINALS__RETRIEVE = Operation(
    "terminals.retrieve", "read", "GET", "/v1/terminals/{0}", "2026-06-11",
)
TERMINALS__UPDATE = Operation(
    "terminals.update", "write", "POST", "/v1/terminals/{0}", "2026-06-11",
)
TERMINALS__LIST = Operation(
    "terminals.list", "read", "GET", "/v1/terminals", "2026-06-11", cursor="id",
)
TERMINALS__CONFIGURE = Operation(
    "terminals.configure", "write", "POST", "/v1/terminals/{0}/configure", "2026-06-11",
)
TERMINALS__RETRIEVE_EFFECTIVE_CONFIG = Operation(
    "terminals.retrieve_effective_config", "read", "GET", "/v1/terminals/{0}/effective-config", "2026-06-11",
)
TERMINALS__DEACTIVATE = Operation(
    "terminals.deactivate", "write", "POST", "/v1/terminals/{0}/deactivate", "2026-06-11",
)
TERMINALS__SEND_ACTION = Operation(
    "terminals.send_action", "write", "POST", "/v1/terminals/{0}/actions", "2026-06-11",
)
TERMINALS__LIST_ACTIONS = Operation(
    "terminals.list_actions", "read", "GET", "/v1/terminals/{0}/actions", "2026-06-11", cursor="id",
)
TERMINALS__RETRIEVE_ACTION = Operation(
    "terminals.retrieve_action", "read", "GET", "/v1/terminals/{0}/actions/{1}", "2026-06-11",
)
TERMINALS__CANCEL_ACTION = Operation(
    "terminals.cancel_action", "write", "POST", "/v1/terminals/{0}/actions/{1}/cancel", "2026-06-11",
)
TERMINALS__RETRIEVE_LAN = Operation(
    "terminals.retrieve_lan", "read", "GET", "/v1/terminals/{0}/lan", "2026-06-11",
)
TERMINALS__UPDATE_LAN = Operation(
    "terminals.update_lan", "write", "PUT", "/v1/terminals/{0}/lan", "2026-06-11",
)
TERMINALS__CREATE_CLIENT_CERTIFICATE = Operation(
    "terminals.create_client_certificate", "write", "POST", "/v1/terminals/{0}/client-certificates", "2026-06-11",
)
TERMINALS__RETRIEVE_CLIENT_CERTIFICATE = Operation(
    "terminals.retrieve_client_certificate", "read", "GET", "/v1/terminals/{0}/client-certificates/{1}", "2026-06-11",
)
TERMINALS__LIST_CLIENT_CERTIFICATES = Operation(
    "terminals.list_client_certificates", "read", "GET", "/v1/terminals/{0}/client-certificates", "2026-06-11", cursor="id",
)
TERMINALS__REVOKE_CLIENT_CERTIFICATE = Operation(
    "terminals.revoke_client_certificate", "write", "POST", "/v1/terminals/{0}/client-certificates/{1}/revoke", "2026-06-11",
)
TERMINALS__GENERATE_CASHLESS_KEY = Operation(
    "terminals.generate_cashless_key", "write", "POST", "/v1/terminals/{0}/cashless-key", "2026-06-11",
)
TERMINALS__RETRIEVE_CASHLESS_KEY = Operation(
    "terminals.retrieve_cashless_key", "read", "GET", "/v1/terminals/{0}/cashless-key", "2026-06-11",
)
TERMINALS__DELETE_CASHLESS_KEY = Operation(
    "terminals.delete_cashless_key", "delete", "DELETE", "/v1/terminals/{0}/cashless-key", "2026-06-11",
)
CERTIFICATES__RETRIEVE_CA_BUNDLE = Operation(
    "certificates.retrieve_ca_bundle", "read", "GET", "/v1/ca-bundle", "2026-06-11", media="application/x-pem-file",
)
TERMINAL_ACTIONS__RETRIEVE = Operation(
    "terminal_actions.retrieve", "read", "GET", "/v1/terminal-actions/{0}", "2026-06-11",
)
TERMINAL_ACTIONS__CANCEL = Operation(
    "terminal_actions.cancel", "write", "POST", "/v1/terminal-actions/{0}/cancel", "2026-06-11",
)
TERMINAL_MODELS__LIST = Operation(
    "terminal_models.list", "read", "GET", "/v1/terminal-models", "2026-06-11",
)
LOCATIONS__CREATE = Operation(
    "locations.create", "write", "POST", "/v1/locations", "2026-06-11",
)
LOCATIONS__RETRIEVE = Operation(
    "locations.retrieve", "read", "GET", "/v1/locations/{0}", "2026-06-11",
)
LOCATIONS__UPDATE = Operation(
    "locations.update", "write", "POST", "/v1/locations/{0}", "2026-06-11",
)
LOCATIONS__DELETE = Operation(
    "locations.delete", "delete", "DELETE", "/v1/locations/{0}", "2026-06-11",
)
LOCATIONS__LIST = Operation(
    "locations.list", "read", "GET", "/v1/locations", "2026-06-11", cursor="id",
)
LOCATIONS__RETRIEVE_TERMINAL_CONFIG = Operation(
    "locations.retrieve_terminal_config", "read", "GET", "/v1/locations/{0}/terminal-config", "2026-06-11",
)
LOCATIONS__UPDATE_TERMINAL_CONFIG = Operation(
    "locations.update_terminal_config", "write", "PUT", "/v1/locations/{0}/terminal-config", "2026-06-11",
)
LOCATIONS__RETRIEVE_TERMINAL_CONFIG_STATUS = Operation(
    "locations.retrieve_terminal_config_status", "read", "GET", "/v1/locations/{0}/terminal-config/status", "2026-06-11", cursor="terminal_id",
)
REFUNDS__CREATE = Operation(
    "refunds.create", "write", "POST", "/v1/refunds", "2026-06-11", money=True,
)
REFUNDS__RETRIEVE = Operation(
    "refunds.retrieve", "read", "GET", "/v1/refunds/{0}", "2026-06-11",
)
REFUNDS__UPDATE = Operation(
    "refunds.update", "write", "POST", "/v1/refunds/{0}", "2026-06-11",
)
REFUNDS__LIST = Operation(
    "refunds.list", "read", "GET", "/v1/refunds", "2026-06-11", cursor="id",
)
BATCHES__CLOSE = Operation(
    "batches.close", "write", "POST", "/v1/batches/close", "2026-06-11",
)
BATCHES__RETRIEVE = Operation(
    "batches.retrieve", "read", "GET", "/v1/batches/{0}", "2026-06-11",
)
BATCHES__LIST = Operation(
    "batches.list", "read", "GET", "/v1/batches", "2026-06-11", cursor="id",
)
EVENTS__RETRIEVE = Operation(
    "events.retrieve", "read", "GET", "/v1/events/{0}", "2026-06-11",
)
EVENTS__LIST = Operation(
    "events.list", "read", "GET", "/v1/events", "2026-06-11", cursor="id",
)
EVENTS__STREAM = Operation(
    "events.stream", "read", "GET", "/v1/events/stream", "2026-06-11",
)
WEBHOOK_ENDPOINTS__CREATE = Operation(
    "webhook_endpoints.create", "write", "POST", "/v1/webhook-endpoints", "2026-06-11",
)
WEBHOOK_ENDPOINTS__RETRIEVE = Operation(
    "webhook_endpoints.retrieve", "read", "GET", "/v1/webhook-endpoints/{0}", "2026-06-11",
)
WEBHOOK_ENDPOINTS__UPDATE = Operation(
    "webhook_endpoints.update", "write", "POST", "/v1/webhook-endpoints/{0}", "2026-06-11",
)
WEBHOOK_ENDPOINTS__DELETE = Operation(
    "webhook_endpoints.delete", "delete", "DELETE", "/v1/webhook-endpoints/{0}", "2026-06-11",
)
WEBHOOK_ENDPOINTS__LIST = Operation(
    "webhook_endpoints.list", "read", "GET", "/v1/webhook-endpoints", "2026-06-11", cursor="id",
)
WEBHOOK_ENDPOINTS__ROLL_SECRET = Operation(
    "webhook_endpoints.roll_secret", "write", "POST", "/v1/webhook-endpoints/{0}/roll-secret", "2026-06-11",
)
WEBHOOK_ENDPOINTS__TEST = Operation(
    "webhook_endpoints.test", "write", "POST", "/v1/webhook-endpoints/{0}/test", "2026-06-11",
)
WEBHOOK_ENDPOINTS__LIST_DELIVERIES = Operation(
    "webhook_endpoints.list_deliveries", "read", "GET", "/v1/webhook-endpoints/{0}/deliveries", "2026-06-11", cursor="id",
)
WEBHOOK_ENDPOINTS__RETRIEVE_DELIVERY = Operation(
    "webhook_endpoints.retrieve_delivery", "read", "GET", "/v1/webhook-endpoints/{0}/deliveries/{1}", "2026-06-11",
)
WEBHOOK_ENDPOINTS__RESEND_DELIVERY = Operation(
    "webhook_endpoints.resend_delivery", "write", "POST", "/v1/webhook-endpoints/{0}/deliveries/{1}/resend", "2026-06-11",
)
API_KEYS__CREATE = Operation(
    "api_keys.create", "write", "POST", "/v1/api-keys", "2026-06-11",
)
API_KEYS__RETRIEVE = Operation(
    "api_keys.retrieve", "read", "GET", "/v1/api-keys/{0}", "2026-06-11",
)
API_KEYS__LIST = Operation(
    "api_keys.list", "read", "GET", "/v1/api-keys", "2026-06-11", cursor="id",
)
API_KEYS__ROLL = Operation(
    "api_keys.roll", "write", "POST", "/v1/api-keys/{0}/roll", "2026-06-11",
)
API_KEYS__REVOKE = Operation(
    "api_keys.revoke", "write", "POST", "/v1/api-keys/{0}/revoke", "2026-06-11",
)
ACCOUNT__RETRIEVE = Operation(
    "account.retrieve", "read", "GET", "/v1/account", "2026-06-11",
)
ACCOUNT__UPDATE = Operation(
    "account.update", "write", "POST", "/v1/account", "2026-06-11",
)
ACCOUNT__RETRIEVE_TERMINAL_CONFIG = Operation(
    "account.retrieve_terminal_config", "read", "GET", "/v1/account/terminal-config", "2026-06-11",
)
ACCOUNT__UPDATE_TERMINAL_CONFIG = Operation(
    "account.update_terminal_config", "write", "PUT", "/v1/account/terminal-config", "2026-06-11",
)
AUDIT_LOG__LIST = Operation(
    "audit_log.list", "read", "GET", "/v1/audit-log", "2026-06-11", cursor="id",
)
AUDIT_LOG__VERIFY = Operation(
    "audit_log.verify", "read", "GET", "/v1/audit-log/verify", "2026-06-11",
)
TEST_HELPERS__TERMINALS__CREATE = Operation(
    "test_helpers.terminals.create", "write", "POST", "/v1/test/terminals", "2026-06-11",
)
TEST_HELPERS__TERMINALS__DELETE = Operation(
    "test_helpers.terminals.delete", "delete", "DELETE", "/v1/test/terminals/{0}", "2026-06-11",
)
TEST_HELPERS__TERMINALS__PRESENT_CARD = Operation(
    "test_helpers.terminals.present_card", "write", "POST", "/v1/test/terminals/{0}/present-card", "2026-06-11",
)
OPERATOR__ACCOUNTS__CREATE = Operation(
    "operator.accounts.create", "write", "POST", "/v1/operator/accounts", "2026-06-11",
)
OPERATOR__ACCOUNTS__RETRIEVE = Operation(
    "operator.accounts.retrieve", "read", "GET", "/v1/operator/accounts/{0}", "2026-06-11",
)
OPERATOR__ACCOUNTS__UPDATE = Operation(
    "operator.accounts.update", "write", "POST", "/v1/operator/accounts/{0}", "2026-06-11",
)
OPERATOR__ACCOUNTS__LIST = Operation(
    "operator.accounts.list", "read", "GET", "/v1/operator/accounts", "2026-06-11", cursor="id",
)
OPERATOR__ACCOUNTS__CREATE_API_KEY = Operation(
    "operator.accounts.create_api_key", "write", "POST", "/v1/operator/accounts/{0}/api-keys", "2026-06-11",
)
OPERATOR__AUDIT_LOG__LIST = Operation(
    "operator.audit_log.list", "read", "GET", "/v1/operator/audit-log", "2026-06-11", cursor="id",
)
OPERATOR__AUDIT_LOG__VERIFY = Operation(
    "operator.audit_log.verify", "read", "GET", "/v1/operator/audit-log/verify", "2026-06-11",
)
OPERATOR__RELEASES__CREATE = Operation(
    "operator.releases.create", "write", "POST", "/v1/operator/releases", "2026-06-11",
)
OPERATOR__RELEASES__RETRIEVE = Operation(
    "operator.releases.retrieve", "read", "GET", "/v1/operator/releases/{0}", "2026-06-11",
)
OPERATOR__RELEASES__UPDATE = Operation(
    "operator.releases.update", "write", "POST", "/v1/operator/releases/{0}", "2026-06-11",
)
OPERATOR__RELEASES__LIST = Operation(
    "operator.releases.list", "read", "GET", "/v1/operator/releases", "2026-06-11",
)
