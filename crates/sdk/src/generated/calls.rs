//! Every call that is a request and its answer.

// Made by `cargo xtask gen rust-sdk` from docs/openapi.json and sdks/conformance/operations.json.

#[allow(clippy::wildcard_imports, reason = "all of them are in some call")]
use super::models::*;
#[allow(clippy::wildcard_imports, reason = "all of them are in some call")]
use super::params::*;
use crate::client::{Core, Vinr};
use crate::events::Event;
use crate::list::List;
use crate::request::{Request, Route};
use crate::version::ApiVersion;

/// `account`
#[derive(Debug, Clone)]
pub struct AccountCalls {
    pub(crate) core: Core,
}

impl AccountCalls {
    /// Retrieve the account.
    pub fn retrieve(&self) -> Request<Account> {
        Request::new(&self.core, Route::read("GET", "/v1/account", &[]).version(ApiVersion::Current))
    }

    /// Update the account's settings.
    pub fn update(&self, params: UpdateAccount) -> Request<Account> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/account", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve what is configured for the account.
    pub fn retrieve_terminal_config(&self) -> Request<TerminalConfig> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/account/terminal-config", &[]).version(ApiVersion::Current),
        )
    }

    /// Configure all terminals of the account.
    pub fn update_terminal_config(&self, params: TerminalConfigParams) -> Request<TerminalConfig> {
        Request::new(
            &self.core,
            Route::write("PUT", "/v1/account/terminal-config", &[])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Tells what `update_terminal_config` would change, and changes nothing.
    pub fn update_terminal_config_dry_run(
        &self,
        params: TerminalConfigParams,
    ) -> Request<TerminalConfigDryRun> {
        Request::new(
            &self.core,
            Route::write("PUT", "/v1/account/terminal-config", &[])
                .version(ApiVersion::Current)
                .ask("dryRun", "true")
                .body(&params),
        )
    }
}

/// `api_keys`
#[derive(Debug, Clone)]
pub struct ApiKeysCalls {
    pub(crate) core: Core,
}

impl ApiKeysCalls {
    /// Create an API key.
    pub fn create(&self, params: CreateApiKey) -> Request<ApiKey> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/api-keys", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve an API key.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<ApiKey> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/api-keys/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// List API keys.
    pub fn list(&self, params: ListApiKeys) -> List<ApiKey> {
        List::new(&self.core, Route::read("GET", "/v1/api-keys", &[]).version(ApiVersion::Current), &params)
    }

    /// Roll an API key.
    pub fn roll(&self, id: impl AsRef<str>, params: RollApiKey) -> Request<ApiKey> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/api-keys/{0}/roll", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Revoke an API key.
    pub fn revoke(&self, id: impl AsRef<str>) -> Request<ApiKey> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/api-keys/{0}/revoke", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }
}

/// `audit_log`
#[derive(Debug, Clone)]
pub struct AuditLogCalls {
    pub(crate) core: Core,
}

impl AuditLogCalls {
    /// List the audit log.
    pub fn list(&self, params: ListAuditLog) -> List<AuditEntry> {
        List::new(&self.core, Route::read("GET", "/v1/audit-log", &[]).version(ApiVersion::Current), &params)
    }

    /// Verify the audit log.
    pub fn verify(&self) -> Request<AuditVerification> {
        Request::new(&self.core, Route::read("GET", "/v1/audit-log/verify", &[]).version(ApiVersion::Current))
    }
}

/// `batches`
#[derive(Debug, Clone)]
pub struct BatchesCalls {
    pub(crate) core: Core,
}

impl BatchesCalls {
    /// Close a terminal's batches.
    pub fn close(&self, params: CloseBatch) -> Request<ClosedBatches> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/batches/close", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve a batch.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Batch> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/batches/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// List batches.
    pub fn list(&self, params: ListBatches) -> List<Batch> {
        List::new(&self.core, Route::read("GET", "/v1/batches", &[]).version(ApiVersion::Current), &params)
    }
}

/// `certificates`
#[derive(Debug, Clone)]
pub struct CertificatesCalls {
    pub(crate) core: Core,
}

impl CertificatesCalls {
    /// What tills trust.
    pub fn retrieve_ca_bundle(&self) -> Request<String> {
        Request::text(
            &self.core,
            Route::read("GET", "/v1/ca-bundle", &[])
                .version(ApiVersion::Current)
                .accept("application/x-pem-file"),
        )
    }
}

/// `events`
#[derive(Debug, Clone)]
pub struct EventsCalls {
    pub(crate) core: Core,
}

impl EventsCalls {
    /// Retrieve an event.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Event> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/events/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// List events.
    pub fn list(&self, params: ListEvents) -> List<Event> {
        List::new(&self.core, Route::read("GET", "/v1/events", &[]).version(ApiVersion::Current), &params)
    }
}

/// `locations`
#[derive(Debug, Clone)]
pub struct LocationsCalls {
    pub(crate) core: Core,
}

impl LocationsCalls {
    /// Create a location.
    pub fn create(&self, params: CreateLocation) -> Request<Location> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/locations", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve a location.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Location> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/locations/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// Update a location.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateLocation) -> Request<Location> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/locations/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Delete a location.
    pub fn delete(&self, id: impl AsRef<str>) -> Request<Deleted> {
        Request::new(
            &self.core,
            Route::delete("DELETE", "/v1/locations/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// List locations.
    pub fn list(&self, params: ListLocations) -> List<Location> {
        List::new(&self.core, Route::read("GET", "/v1/locations", &[]).version(ApiVersion::Current), &params)
    }

    /// Retrieve what is configured for a location.
    pub fn retrieve_terminal_config(&self, id: impl AsRef<str>) -> Request<TerminalConfig> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/locations/{0}/terminal-config", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Configure the terminals of a location.
    pub fn update_terminal_config(
        &self,
        id: impl AsRef<str>,
        params: TerminalConfigParams,
    ) -> Request<Location> {
        Request::new(
            &self.core,
            Route::write("PUT", "/v1/locations/{0}/terminal-config", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Tells what `update_terminal_config` would change, and changes nothing.
    pub fn update_terminal_config_dry_run(
        &self,
        id: impl AsRef<str>,
        params: TerminalConfigParams,
    ) -> Request<TerminalConfigDryRun> {
        Request::new(
            &self.core,
            Route::write("PUT", "/v1/locations/{0}/terminal-config", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .ask("dryRun", "true")
                .body(&params),
        )
    }

    /// Watch a location being configured.
    pub fn retrieve_terminal_config_status(
        &self,
        id: impl AsRef<str>,
        params: RetrieveLocationTerminalConfigStatus,
    ) -> List<TerminalConfigState, TerminalConfigProgress> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/locations/{0}/terminal-config/status", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
            &params,
        )
    }
}

/// `operator.accounts`
#[derive(Debug, Clone)]
pub struct OperatorAccountsCalls {
    pub(crate) core: Core,
}

impl OperatorAccountsCalls {
    /// Open an account.
    pub fn create(&self, params: CreateAccount) -> Request<OperatedAccount> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/operator/accounts", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve an account.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<OperatedAccount> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/operator/accounts/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Update an account.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateOperatedAccount) -> Request<OperatedAccount> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/operator/accounts/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// List accounts.
    pub fn list(&self, params: OperatorListAccounts) -> List<OperatedAccount> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/operator/accounts", &[]).version(ApiVersion::Current),
            &params,
        )
    }

    /// Create an API key for an account.
    pub fn create_api_key(&self, id: impl AsRef<str>, params: CreateAccountKey) -> Request<ApiKey> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/operator/accounts/{0}/api-keys", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }
}

/// `operator.audit_log`
#[derive(Debug, Clone)]
pub struct OperatorAuditLogCalls {
    pub(crate) core: Core,
}

impl OperatorAuditLogCalls {
    /// List an audit log.
    pub fn list(&self, params: OperatorListAuditLog) -> List<AuditEntry> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/operator/audit-log", &[]).version(ApiVersion::Current),
            &params,
        )
    }

    /// Verify an audit log.
    pub fn verify(&self, params: OperatorVerifyAuditLog) -> Request<AuditVerification> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/operator/audit-log/verify", &[])
                .version(ApiVersion::Current)
                .query(&params),
        )
    }
}

/// `operator.releases`
#[derive(Debug, Clone)]
pub struct OperatorReleasesCalls {
    pub(crate) core: Core,
}

impl OperatorReleasesCalls {
    /// Register a release.
    pub fn create(&self, params: CreateRelease) -> Request<Release> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/operator/releases", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve a release.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Release> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/operator/releases/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Roll a release out further, or halt it.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateRelease) -> Request<Release> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/operator/releases/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// List all releases.
    pub fn list(&self) -> List<Release> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/operator/releases", &[]).version(ApiVersion::Current),
            &(),
        )
    }
}

/// `refunds`
#[derive(Debug, Clone)]
pub struct RefundsCalls {
    pub(crate) core: Core,
}

impl RefundsCalls {
    /// Refund a payment.
    pub fn create(&self, params: CreateRefund) -> Request<Refund> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/refunds", &[]).version(ApiVersion::Current).moves_money().body(&params),
        )
    }

    /// Retrieve a refund.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Refund> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/refunds/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// Update a refund's metadata.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateRefund) -> Request<Refund> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/refunds/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// List refunds.
    pub fn list(&self, params: ListRefunds) -> List<Refund> {
        List::new(&self.core, Route::read("GET", "/v1/refunds", &[]).version(ApiVersion::Current), &params)
    }
}

/// `terminal_actions`
#[derive(Debug, Clone)]
pub struct TerminalActionsCalls {
    pub(crate) core: Core,
}

impl TerminalActionsCalls {
    /// Retrieve a remote action.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<TerminalAction> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/terminal-actions/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Take a remote action back.
    pub fn cancel(&self, id: impl AsRef<str>) -> Request<TerminalAction> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminal-actions/{0}/cancel", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }
}

/// `terminal_models`
#[derive(Debug, Clone)]
pub struct TerminalModelsCalls {
    pub(crate) core: Core,
}

impl TerminalModelsCalls {
    /// List terminal models.
    pub fn list(&self) -> List<TerminalModel> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/terminal-models", &[]).version(ApiVersion::Current),
            &(),
        )
    }
}

/// `terminals`
#[derive(Debug, Clone)]
pub struct TerminalsCalls {
    pub(crate) core: Core,
}

impl TerminalsCalls {
    /// Activate a terminal.
    pub fn activate(&self, params: ActivateTerminal) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/activate", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve a terminal.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// Update a terminal.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateTerminal) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// List terminals.
    pub fn list(&self, params: ListTerminals) -> List<Terminal> {
        List::new(&self.core, Route::read("GET", "/v1/terminals", &[]).version(ApiVersion::Current), &params)
    }

    /// Configure a terminal.
    pub fn configure(&self, id: impl AsRef<str>, params: TerminalConfigParams) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/configure", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Tells what `configure` would change, and changes nothing.
    pub fn configure_dry_run(
        &self,
        id: impl AsRef<str>,
        params: TerminalConfigParams,
    ) -> Request<TerminalConfigDryRun> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/configure", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .ask("dryRun", "true")
                .body(&params),
        )
    }

    /// Retrieve what holds for a terminal.
    pub fn retrieve_effective_config(&self, id: impl AsRef<str>) -> Request<TerminalEffectiveConfig> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}/effective-config", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Take a terminal out of service.
    pub fn deactivate(&self, id: impl AsRef<str>) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/deactivate", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Send a remote action.
    pub fn send_action(&self, id: impl AsRef<str>, params: CreateAction) -> Request<TerminalAction> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/actions", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// List the remote actions of a terminal.
    pub fn list_actions(&self, id: impl AsRef<str>, params: ListTerminalActions) -> List<TerminalAction> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}/actions", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
            &params,
        )
    }

    /// Retrieve a remote action of a terminal.
    pub fn retrieve_action(
        &self,
        id: impl AsRef<str>,
        action_id: impl AsRef<str>,
    ) -> Request<TerminalAction> {
        Request::new(
            &self.core,
            Route::read(
                "GET",
                "/v1/terminals/{0}/actions/{1}",
                &[("id", id.as_ref()), ("actionId", action_id.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }

    /// Take a remote action of a terminal back.
    pub fn cancel_action(&self, id: impl AsRef<str>, action_id: impl AsRef<str>) -> Request<TerminalAction> {
        Request::new(
            &self.core,
            Route::write(
                "POST",
                "/v1/terminals/{0}/actions/{1}/cancel",
                &[("id", id.as_ref()), ("actionId", action_id.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }

    /// Retrieve what a terminal serves in the local network.
    pub fn retrieve_lan(&self, id: impl AsRef<str>) -> Request<TerminalLan> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}/lan", &[("id", id.as_ref())]).version(ApiVersion::Current),
        )
    }

    /// Change what a terminal serves in the local network.
    pub fn update_lan(&self, id: impl AsRef<str>, params: PutLan) -> Request<TerminalLan> {
        Request::new(
            &self.core,
            Route::write("PUT", "/v1/terminals/{0}/lan", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Create a client certificate.
    pub fn create_client_certificate(
        &self,
        id: impl AsRef<str>,
        params: CreateClientCertificate,
    ) -> Request<ClientCertificate> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/client-certificates", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Retrieve a client certificate.
    pub fn retrieve_client_certificate(
        &self,
        id: impl AsRef<str>,
        certificate: impl AsRef<str>,
    ) -> Request<ClientCertificate> {
        Request::new(
            &self.core,
            Route::read(
                "GET",
                "/v1/terminals/{0}/client-certificates/{1}",
                &[("id", id.as_ref()), ("certificate", certificate.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }

    /// List client certificates.
    pub fn list_client_certificates(
        &self,
        id: impl AsRef<str>,
        params: ListClientCertificates,
    ) -> List<ClientCertificate> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}/client-certificates", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
            &params,
        )
    }

    /// Revoke a client certificate.
    pub fn revoke_client_certificate(
        &self,
        id: impl AsRef<str>,
        certificate: impl AsRef<str>,
    ) -> Request<ClientCertificate> {
        Request::new(
            &self.core,
            Route::write(
                "POST",
                "/v1/terminals/{0}/client-certificates/{1}/revoke",
                &[("id", id.as_ref()), ("certificate", certificate.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }

    /// Generate a terminal's Cashless key.
    pub fn generate_cashless_key(&self, id: impl AsRef<str>) -> Request<CashlessKey> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/terminals/{0}/cashless-key", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Retrieve a terminal's Cashless key.
    pub fn retrieve_cashless_key(&self, id: impl AsRef<str>) -> Request<CashlessKey> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/terminals/{0}/cashless-key", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Delete a terminal's Cashless key.
    pub fn delete_cashless_key(&self, id: impl AsRef<str>) -> Request<CashlessKey> {
        Request::new(
            &self.core,
            Route::delete("DELETE", "/v1/terminals/{0}/cashless-key", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }
}

/// `test_helpers.terminals`
#[derive(Debug, Clone)]
pub struct TestHelpersTerminalsCalls {
    pub(crate) core: Core,
}

impl TestHelpersTerminalsCalls {
    /// Make a simulated terminal.
    pub fn create(&self, params: CreateTestTerminal) -> Request<Terminal> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/test/terminals", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Delete a simulated terminal.
    pub fn delete(&self, id: impl AsRef<str>) -> Request<Deleted> {
        Request::new(
            &self.core,
            Route::delete("DELETE", "/v1/test/terminals/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Present a test card to a simulated terminal.
    pub fn present_card(&self, id: impl AsRef<str>, params: PresentTestCard) -> Request<TerminalPayment> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/test/terminals/{0}/present-card", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }
}

/// `webhook_endpoints`
#[derive(Debug, Clone)]
pub struct WebhookEndpointsCalls {
    pub(crate) core: Core,
}

impl WebhookEndpointsCalls {
    /// Create a webhook endpoint.
    pub fn create(&self, params: CreateWebhookEndpoint) -> Request<WebhookEndpoint> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/webhook-endpoints", &[]).version(ApiVersion::Current).body(&params),
        )
    }

    /// Retrieve a webhook endpoint.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<WebhookEndpoint> {
        Request::new(
            &self.core,
            Route::read("GET", "/v1/webhook-endpoints/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// Update a webhook endpoint.
    pub fn update(&self, id: impl AsRef<str>, params: UpdateWebhookEndpoint) -> Request<WebhookEndpoint> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/webhook-endpoints/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Delete a webhook endpoint.
    pub fn delete(&self, id: impl AsRef<str>) -> Request<DeletedWebhookEndpoint> {
        Request::new(
            &self.core,
            Route::delete("DELETE", "/v1/webhook-endpoints/{0}", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// List webhook endpoints.
    pub fn list(&self, params: ListWebhookEndpoints) -> List<WebhookEndpoint> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/webhook-endpoints", &[]).version(ApiVersion::Current),
            &params,
        )
    }

    /// Replace the secret.
    pub fn roll_secret(&self, id: impl AsRef<str>, params: RollWebhookSecret) -> Request<WebhookEndpoint> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/webhook-endpoints/{0}/roll-secret", &[("id", id.as_ref())])
                .version(ApiVersion::Current)
                .body(&params),
        )
    }

    /// Send a test event.
    pub fn test(&self, id: impl AsRef<str>) -> Request<WebhookDelivery> {
        Request::new(
            &self.core,
            Route::write("POST", "/v1/webhook-endpoints/{0}/test", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
        )
    }

    /// List deliveries.
    pub fn list_deliveries(
        &self,
        id: impl AsRef<str>,
        params: ListWebhookDeliveries,
    ) -> List<WebhookDelivery> {
        List::new(
            &self.core,
            Route::read("GET", "/v1/webhook-endpoints/{0}/deliveries", &[("id", id.as_ref())])
                .version(ApiVersion::Current),
            &params,
        )
    }

    /// Retrieve a delivery.
    pub fn retrieve_delivery(
        &self,
        id: impl AsRef<str>,
        delivery: impl AsRef<str>,
    ) -> Request<WebhookDelivery> {
        Request::new(
            &self.core,
            Route::read(
                "GET",
                "/v1/webhook-endpoints/{0}/deliveries/{1}",
                &[("id", id.as_ref()), ("delivery", delivery.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }

    /// Send an event again.
    pub fn resend_delivery(
        &self,
        id: impl AsRef<str>,
        delivery: impl AsRef<str>,
    ) -> Request<WebhookDelivery> {
        Request::new(
            &self.core,
            Route::write(
                "POST",
                "/v1/webhook-endpoints/{0}/deliveries/{1}/resend",
                &[("id", id.as_ref()), ("delivery", delivery.as_ref())],
            )
            .version(ApiVersion::Current),
        )
    }
}

/// `operator`
#[derive(Debug, Clone)]
pub struct OperatorCalls {
    core: Core,
}

impl OperatorCalls {
    /// The calls of `accounts`.
    #[must_use]
    pub fn accounts(&self) -> OperatorAccountsCalls {
        OperatorAccountsCalls { core: self.core.clone() }
    }

    /// The calls of `audit_log`.
    #[must_use]
    pub fn audit_log(&self) -> OperatorAuditLogCalls {
        OperatorAuditLogCalls { core: self.core.clone() }
    }

    /// The calls of `releases`.
    #[must_use]
    pub fn releases(&self) -> OperatorReleasesCalls {
        OperatorReleasesCalls { core: self.core.clone() }
    }
}

/// `test_helpers`
#[derive(Debug, Clone)]
pub struct TestHelpersCalls {
    core: Core,
}

impl TestHelpersCalls {
    /// The calls of `terminals`.
    #[must_use]
    pub fn terminals(&self) -> TestHelpersTerminalsCalls {
        TestHelpersTerminalsCalls { core: self.core.clone() }
    }
}

impl Vinr {
    /// The calls of `account`.
    #[must_use]
    pub fn account(&self) -> AccountCalls {
        AccountCalls { core: self.core.clone() }
    }

    /// The calls of `api_keys`.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeysCalls {
        ApiKeysCalls { core: self.core.clone() }
    }

    /// The calls of `audit_log`.
    #[must_use]
    pub fn audit_log(&self) -> AuditLogCalls {
        AuditLogCalls { core: self.core.clone() }
    }

    /// The calls of `batches`.
    #[must_use]
    pub fn batches(&self) -> BatchesCalls {
        BatchesCalls { core: self.core.clone() }
    }

    /// The calls of `certificates`.
    #[must_use]
    pub fn certificates(&self) -> CertificatesCalls {
        CertificatesCalls { core: self.core.clone() }
    }

    /// The calls of `events`.
    #[must_use]
    pub fn events(&self) -> EventsCalls {
        EventsCalls { core: self.core.clone() }
    }

    /// The calls of `locations`.
    #[must_use]
    pub fn locations(&self) -> LocationsCalls {
        LocationsCalls { core: self.core.clone() }
    }

    /// The calls of `refunds`.
    #[must_use]
    pub fn refunds(&self) -> RefundsCalls {
        RefundsCalls { core: self.core.clone() }
    }

    /// The calls of `terminal_actions`.
    #[must_use]
    pub fn terminal_actions(&self) -> TerminalActionsCalls {
        TerminalActionsCalls { core: self.core.clone() }
    }

    /// The calls of `terminal_models`.
    #[must_use]
    pub fn terminal_models(&self) -> TerminalModelsCalls {
        TerminalModelsCalls { core: self.core.clone() }
    }

    /// The calls of `terminals`.
    #[must_use]
    pub fn terminals(&self) -> TerminalsCalls {
        TerminalsCalls { core: self.core.clone() }
    }

    /// The calls of `webhook_endpoints`.
    #[must_use]
    pub fn webhook_endpoints(&self) -> WebhookEndpointsCalls {
        WebhookEndpointsCalls { core: self.core.clone() }
    }

    /// The calls of `operator`.
    #[must_use]
    pub fn operator(&self) -> OperatorCalls {
        OperatorCalls { core: self.core.clone() }
    }

    /// The calls of `test_helpers`.
    #[must_use]
    pub fn test_helpers(&self) -> TestHelpersCalls {
        TestHelpersCalls { core: self.core.clone() }
    }
}
