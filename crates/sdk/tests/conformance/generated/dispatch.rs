//! Makes the call that a vector or a scenario names.

// Made by `cargo xtask gen rust-sdk` from docs/openapi.json and sdks/conformance/operations.json.

use vinr_sdk::Vinr;

use crate::calling::{Arguments, Made, list, request};

/// The call of this name, made and not awaited; nothing when there is none.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn made(vinr: &Vinr, name: &str, arguments: Arguments) -> Option<Made> {
    #[allow(clippy::match_same_arms, reason = "one for each call")]
    let call = match name {
        "terminal.payments.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.terminal().payments().create(params), arguments)
        }
        "terminal.payments.createSync" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.terminal().payments().create_sync(params), arguments)
        }
        "terminal.payments.retrieve" => {
            request(vinr.terminal().payments().retrieve(arguments.text(0)), arguments)
        }
        "terminal.payments.retrieveByReference" => {
            request(vinr.terminal().payments().retrieve_by_reference(arguments.text(0)), arguments)
        }
        "terminal.payments.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.terminal().payments().list(params), arguments)
        }
        "terminal.payments.capture" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminal().payments().capture(arguments.text(0), params), arguments)
        }
        "terminal.payments.cancel" => {
            request(vinr.terminal().payments().cancel(arguments.text(0)), arguments)
        }
        "terminalPayments.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.terminal_payments().create(params), arguments)
        }
        "terminalPayments.createSync" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.terminal_payments().create_sync(params), arguments)
        }
        "terminalPayments.retrieve" => {
            request(vinr.terminal_payments().retrieve(arguments.text(0)), arguments)
        }
        "terminalPayments.retrieveByReference" => {
            request(vinr.terminal_payments().retrieve_by_reference(arguments.text(0)), arguments)
        }
        "terminalPayments.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.terminal_payments().list(params), arguments)
        }
        "terminalPayments.capture" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminal_payments().capture(arguments.text(0), params), arguments)
        }
        "terminalPayments.cancel" => request(vinr.terminal_payments().cancel(arguments.text(0)), arguments),
        "terminals.activate" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.terminals().activate(params), arguments)
        }
        "terminals.retrieve" => request(vinr.terminals().retrieve(arguments.text(0)), arguments),
        "terminals.update" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().update(arguments.text(0), params), arguments)
        }
        "terminals.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.terminals().list(params), arguments)
        }
        "terminals.configure" if arguments.dry_run(1) => {
            let arguments = arguments.without("dryRun", 1);
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().configure_dry_run(arguments.text(0), params), arguments)
        }
        "terminals.configure" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().configure(arguments.text(0), params), arguments)
        }
        "terminals.retrieveEffectiveConfig" => {
            request(vinr.terminals().retrieve_effective_config(arguments.text(0)), arguments)
        }
        "terminals.deactivate" => request(vinr.terminals().deactivate(arguments.text(0)), arguments),
        "terminals.sendAction" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().send_action(arguments.text(0), params), arguments)
        }
        "terminals.listActions" => {
            let (params, arguments) = arguments.params(1);
            list(vinr.terminals().list_actions(arguments.text(0), params), arguments)
        }
        "terminals.retrieveAction" => {
            request(vinr.terminals().retrieve_action(arguments.text(0), arguments.text(1)), arguments)
        }
        "terminals.cancelAction" => {
            request(vinr.terminals().cancel_action(arguments.text(0), arguments.text(1)), arguments)
        }
        "terminals.retrieveLan" => request(vinr.terminals().retrieve_lan(arguments.text(0)), arguments),
        "terminals.updateLan" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().update_lan(arguments.text(0), params), arguments)
        }
        "terminals.createClientCertificate" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.terminals().create_client_certificate(arguments.text(0), params), arguments)
        }
        "terminals.retrieveClientCertificate" => request(
            vinr.terminals().retrieve_client_certificate(arguments.text(0), arguments.text(1)),
            arguments,
        ),
        "terminals.listClientCertificates" => {
            let (params, arguments) = arguments.params(1);
            list(vinr.terminals().list_client_certificates(arguments.text(0), params), arguments)
        }
        "terminals.revokeClientCertificate" => request(
            vinr.terminals().revoke_client_certificate(arguments.text(0), arguments.text(1)),
            arguments,
        ),
        "terminals.generateCashlessKey" => {
            request(vinr.terminals().generate_cashless_key(arguments.text(0)), arguments)
        }
        "terminals.retrieveCashlessKey" => {
            request(vinr.terminals().retrieve_cashless_key(arguments.text(0)), arguments)
        }
        "terminals.deleteCashlessKey" => {
            request(vinr.terminals().delete_cashless_key(arguments.text(0)), arguments)
        }
        "certificates.retrieveCaBundle" => request(vinr.certificates().retrieve_ca_bundle(), arguments),
        "terminalActions.retrieve" => request(vinr.terminal_actions().retrieve(arguments.text(0)), arguments),
        "terminalActions.cancel" => request(vinr.terminal_actions().cancel(arguments.text(0)), arguments),
        "terminalModels.list" => list(vinr.terminal_models().list(), arguments),
        "locations.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.locations().create(params), arguments)
        }
        "locations.retrieve" => request(vinr.locations().retrieve(arguments.text(0)), arguments),
        "locations.update" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.locations().update(arguments.text(0), params), arguments)
        }
        "locations.delete" => request(vinr.locations().delete(arguments.text(0)), arguments),
        "locations.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.locations().list(params), arguments)
        }
        "locations.retrieveTerminalConfig" => {
            request(vinr.locations().retrieve_terminal_config(arguments.text(0)), arguments)
        }
        "locations.updateTerminalConfig" if arguments.dry_run(1) => {
            let arguments = arguments.without("dryRun", 1);
            let (params, arguments) = arguments.params(1);
            request(vinr.locations().update_terminal_config_dry_run(arguments.text(0), params), arguments)
        }
        "locations.updateTerminalConfig" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.locations().update_terminal_config(arguments.text(0), params), arguments)
        }
        "locations.retrieveTerminalConfigStatus" => {
            let (params, arguments) = arguments.params(1);
            list(vinr.locations().retrieve_terminal_config_status(arguments.text(0), params), arguments)
        }
        "refunds.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.refunds().create(params), arguments)
        }
        "refunds.retrieve" => request(vinr.refunds().retrieve(arguments.text(0)), arguments),
        "refunds.update" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.refunds().update(arguments.text(0), params), arguments)
        }
        "refunds.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.refunds().list(params), arguments)
        }
        "batches.close" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.batches().close(params), arguments)
        }
        "batches.retrieve" => request(vinr.batches().retrieve(arguments.text(0)), arguments),
        "batches.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.batches().list(params), arguments)
        }
        "events.retrieve" => request(vinr.events().retrieve(arguments.text(0)), arguments),
        "events.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.events().list(params), arguments)
        }
        "webhookEndpoints.create" => {
            let (params, arguments) = arguments.snaked(0);
            request(vinr.webhook_endpoints().create(params), arguments)
        }
        "webhookEndpoints.retrieve" => {
            request(vinr.webhook_endpoints().retrieve(arguments.text(0)), arguments)
        }
        "webhookEndpoints.update" => {
            let (params, arguments) = arguments.snaked(1);
            request(vinr.webhook_endpoints().update(arguments.text(0), params), arguments)
        }
        "webhookEndpoints.delete" => request(vinr.webhook_endpoints().delete(arguments.text(0)), arguments),
        "webhookEndpoints.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.webhook_endpoints().list(params), arguments)
        }
        "webhookEndpoints.rollSecret" => {
            let (params, arguments) = arguments.snaked(1);
            request(vinr.webhook_endpoints().roll_secret(arguments.text(0), params), arguments)
        }
        "webhookEndpoints.test" => request(vinr.webhook_endpoints().test(arguments.text(0)), arguments),
        "webhookEndpoints.listDeliveries" => {
            let (params, arguments) = arguments.params(1);
            list(vinr.webhook_endpoints().list_deliveries(arguments.text(0), params), arguments)
        }
        "webhookEndpoints.retrieveDelivery" => request(
            vinr.webhook_endpoints().retrieve_delivery(arguments.text(0), arguments.text(1)),
            arguments,
        ),
        "webhookEndpoints.resendDelivery" => {
            request(vinr.webhook_endpoints().resend_delivery(arguments.text(0), arguments.text(1)), arguments)
        }
        "apiKeys.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.api_keys().create(params), arguments)
        }
        "apiKeys.retrieve" => request(vinr.api_keys().retrieve(arguments.text(0)), arguments),
        "apiKeys.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.api_keys().list(params), arguments)
        }
        "apiKeys.roll" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.api_keys().roll(arguments.text(0), params), arguments)
        }
        "apiKeys.revoke" => request(vinr.api_keys().revoke(arguments.text(0)), arguments),
        "account.retrieve" => request(vinr.account().retrieve(), arguments),
        "account.update" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.account().update(params), arguments)
        }
        "account.retrieveTerminalConfig" => request(vinr.account().retrieve_terminal_config(), arguments),
        "account.updateTerminalConfig" if arguments.dry_run(0) => {
            let arguments = arguments.without("dryRun", 0);
            let (params, arguments) = arguments.params(0);
            request(vinr.account().update_terminal_config_dry_run(params), arguments)
        }
        "account.updateTerminalConfig" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.account().update_terminal_config(params), arguments)
        }
        "auditLog.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.audit_log().list(params), arguments)
        }
        "auditLog.verify" => request(vinr.audit_log().verify(), arguments),
        "testHelpers.terminals.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.test_helpers().terminals().create(params), arguments)
        }
        "testHelpers.terminals.delete" => {
            request(vinr.test_helpers().terminals().delete(arguments.text(0)), arguments)
        }
        "testHelpers.terminals.presentCard" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.test_helpers().terminals().present_card(arguments.text(0), params), arguments)
        }
        "operator.accounts.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.operator().accounts().create(params), arguments)
        }
        "operator.accounts.retrieve" => {
            request(vinr.operator().accounts().retrieve(arguments.text(0)), arguments)
        }
        "operator.accounts.update" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.operator().accounts().update(arguments.text(0), params), arguments)
        }
        "operator.accounts.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.operator().accounts().list(params), arguments)
        }
        "operator.accounts.createApiKey" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.operator().accounts().create_api_key(arguments.text(0), params), arguments)
        }
        "operator.auditLog.list" => {
            let (params, arguments) = arguments.params(0);
            list(vinr.operator().audit_log().list(params), arguments)
        }
        "operator.auditLog.verify" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.operator().audit_log().verify(params), arguments)
        }
        "operator.releases.create" => {
            let (params, arguments) = arguments.params(0);
            request(vinr.operator().releases().create(params), arguments)
        }
        "operator.releases.retrieve" => {
            request(vinr.operator().releases().retrieve(arguments.text(0)), arguments)
        }
        "operator.releases.update" => {
            let (params, arguments) = arguments.params(1);
            request(vinr.operator().releases().update(arguments.text(0), params), arguments)
        }
        "operator.releases.list" => list(vinr.operator().releases().list(), arguments),
        _ => return None,
    };
    Some(call)
}
