//! Configuration, actions, certificates and status as protobuf and back. Bounds what it reads; does not look into
//! configurations, manifests or certificates.

use std::collections::BTreeSet;

use bytes::Bytes;
use vinr_domain::{ActionId, Attention, PaymentId, Timestamp};

use super::{intent, invalid, missing, raw};
use crate::generated::link as proto;
use crate::link::message::{
    ActionProgress, ActionReport, ConfigApplied, Configure, DecodeError, DeviceStatus, Order, Perform,
    Progress, ProgressStage, SignedManifest,
};
use crate::link::{MAX_CHAIN_BYTES, MAX_CONFIG_BYTES, MAX_CSR_BYTES, MAX_MANIFEST_BYTES};

/// The longest reason that is sent, in bytes; the rest is cut off, not refused.
const REASON_BYTES: usize = 500;
/// The longest reason that is read, in bytes: room for a peer that counts characters.
const MAX_REASON_BYTES: usize = 2_048;
/// The longest signature that is read; an ECDSA P-256 signature has at most 72 bytes.
const MAX_SIGNATURE_BYTES: usize = 256;

pub(super) fn configure_to_proto(configure: &Configure) -> proto::Configure {
    proto::Configure { version: configure.version, config: configure.config.to_vec() }
}

pub(super) fn configure_from_proto(from: proto::Configure) -> Result<Configure, DecodeError> {
    if from.version == 0 {
        return Err(invalid("configure.version"));
    }
    if from.config.len() > MAX_CONFIG_BYTES {
        return Err(invalid("configure.config"));
    }
    Ok(Configure { version: from.version, config: Bytes::from(from.config) })
}

pub(super) fn applied_to_proto(applied: &ConfigApplied) -> proto::ConfigApplied {
    proto::ConfigApplied { version: applied.version, error: applied.error.as_deref().map(reason) }
}

pub(super) fn applied_from_proto(from: proto::ConfigApplied) -> Result<ConfigApplied, DecodeError> {
    if from.error.as_ref().is_some_and(|error| error.len() > MAX_REASON_BYTES) {
        return Err(invalid("config_applied.error"));
    }
    Ok(ConfigApplied { version: from.version, error: from.error })
}

pub(super) fn perform_to_proto(perform: &Perform) -> proto::Perform {
    use proto::perform::Action;
    let (action, update) = match &perform.order {
        Order::Reboot => (Action::Reboot, None),
        Order::Update(signed) => (Action::Update, Some(signed_to_proto(signed))),
        Order::Lock => (Action::Lock, None),
        Order::Unlock => (Action::Unlock, None),
        Order::Flush => (Action::Flush, None),
        Order::Unsupported => (Action::Unspecified, None),
    };
    proto::Perform {
        action_id: perform.action.to_string(),
        action: action.into(),
        expires_at_ms: perform.expires_at.0,
        update,
    }
}

pub(super) fn perform_from_proto(from: proto::Perform) -> Result<Perform, DecodeError> {
    use proto::perform::Action;
    let order = match from.action() {
        Action::Reboot => Order::Reboot,
        Action::Update => Order::Update(signed_from_proto(from.update.ok_or(missing("perform.update"))?)?),
        Action::Lock => Order::Lock,
        Action::Unlock => Order::Unlock,
        Action::Flush => Order::Flush,
        // Also what a newer cloud may ask for: refusing the frame would break the link for ever.
        Action::Unspecified => Order::Unsupported,
    };
    Ok(Perform {
        action: action(&from.action_id, "perform.action_id")?,
        expires_at: Timestamp(from.expires_at_ms),
        order,
    })
}

fn signed_to_proto(signed: &SignedManifest) -> proto::SignedManifest {
    proto::SignedManifest {
        manifest: signed.manifest.clone(),
        signature: signed.signature.clone(),
        signer_chain_pem: signed.signer_chain_pem.clone(),
    }
}

fn signed_from_proto(from: proto::SignedManifest) -> Result<SignedManifest, DecodeError> {
    if from.manifest.len() > MAX_MANIFEST_BYTES {
        return Err(invalid("perform.update.manifest"));
    }
    if from.signature.len() > MAX_SIGNATURE_BYTES {
        return Err(invalid("perform.update.signature"));
    }
    if from.signer_chain_pem.len() > MAX_CHAIN_BYTES {
        return Err(invalid("perform.update.signer_chain_pem"));
    }
    let proto::SignedManifest { manifest, signature, signer_chain_pem } = from;
    Ok(SignedManifest { manifest, signature, signer_chain_pem })
}

pub(super) fn report_to_proto(report: &ActionReport) -> proto::ActionReport {
    use proto::action_report::State;
    let (state, why) = match &report.state {
        ActionProgress::Processing => (State::Processing, String::new()),
        ActionProgress::Completed => (State::Completed, String::new()),
        ActionProgress::Failed { reason: why } => (State::Failed, reason(why)),
    };
    proto::ActionReport {
        action_id: report.action.to_string(),
        state: state.into(),
        reason: why,
        software_version: report.software_version.clone(),
    }
}

pub(super) fn report_from_proto(from: proto::ActionReport) -> Result<ActionReport, DecodeError> {
    use proto::action_report::State;
    if from.reason.len() > MAX_REASON_BYTES {
        return Err(invalid("action_report.reason"));
    }
    let state = match from.state() {
        State::Processing => ActionProgress::Processing,
        State::Completed => ActionProgress::Completed,
        State::Failed => ActionProgress::Failed { reason: from.reason },
        State::Unspecified => return Err(invalid("action_report.state")),
    };
    Ok(ActionReport {
        action: action(&from.action_id, "action_report.action_id")?,
        state,
        software_version: from.software_version,
    })
}

pub(super) fn csr_from_proto(from: proto::CertificateRequest) -> Result<Bytes, DecodeError> {
    match from.csr_der.len() {
        1..=MAX_CSR_BYTES => Ok(Bytes::from(from.csr_der)),
        _ => Err(invalid("certificate_request.csr_der")),
    }
}

pub(super) fn issued_from_proto(from: proto::CertificateIssued) -> Result<String, DecodeError> {
    match from.chain_pem.len() {
        1..=MAX_CHAIN_BYTES => Ok(from.chain_pem),
        _ => Err(invalid("certificate_issued.chain_pem")),
    }
}

pub(super) fn refused_to_proto(why: &str) -> proto::CertificateRefused {
    proto::CertificateRefused { reason: reason(why) }
}

pub(super) fn refused_from_proto(from: proto::CertificateRefused) -> Result<String, DecodeError> {
    let fits = from.reason.len() <= MAX_REASON_BYTES;
    fits.then_some(from.reason).ok_or(invalid("certificate_refused.reason"))
}

pub(super) fn status_to_proto(status: &DeviceStatus) -> proto::DeviceStatus {
    proto::DeviceStatus {
        battery_percent: status.battery_percent.map(u32::from),
        needs_attention: status.needs_attention.iter().map(|why| why.as_str().to_owned()).collect(),
        locked: status.locked,
        software_version: status.software_version.clone(),
        storage_free_bytes: status.storage_free_bytes,
    }
}

pub(super) fn status_from_proto(from: proto::DeviceStatus) -> DeviceStatus {
    let known: BTreeSet<Attention> =
        from.needs_attention.iter().filter_map(|why| Attention::parse(why)).collect();
    DeviceStatus {
        battery_percent: percent(from.battery_percent),
        needs_attention: known,
        locked: from.locked,
        software_version: from.software_version,
        storage_free_bytes: from.storage_free_bytes,
    }
}

pub(super) fn progress_to_proto(progress: Progress) -> proto::Progress {
    use proto::progress::Stage;
    let stage = match progress.stage {
        ProgressStage::ChoosingTip => Stage::ChoosingTip,
        ProgressStage::AwaitingCard => Stage::AwaitingCard,
        ProgressStage::CardPresented => Stage::CardPresented,
        ProgressStage::PinEntry => Stage::PinEntry,
        ProgressStage::Authorizing => Stage::Authorizing,
    };
    let payment_id = progress.payment.map(|payment| payment.to_string()).unwrap_or_default();
    proto::Progress { intent: raw(progress.intent), stage: stage.into(), payment_id }
}

pub(super) fn progress_from_proto(from: &proto::Progress) -> Result<Progress, DecodeError> {
    use proto::progress::Stage;
    let stage = match from.stage() {
        Stage::ChoosingTip => ProgressStage::ChoosingTip,
        Stage::AwaitingCard => ProgressStage::AwaitingCard,
        Stage::CardPresented => ProgressStage::CardPresented,
        Stage::PinEntry => ProgressStage::PinEntry,
        Stage::Authorizing => ProgressStage::Authorizing,
        Stage::Unspecified => return Err(invalid("progress.stage")),
    };
    let payment = match from.payment_id.as_str() {
        "" => None,
        id => Some(PaymentId::parse(id).map_err(|_| invalid("progress.payment_id"))?),
    };
    Ok(Progress { intent: intent(&from.intent, "progress.intent")?, payment, stage })
}

/// What a peer says of its battery; nothing is more than full.
pub(in crate::link) fn percent(said: Option<u32>) -> Option<u8> {
    said.map(|percent| percent.min(100) as u8)
}

fn action(text: &str, field: &'static str) -> Result<ActionId, DecodeError> {
    ActionId::parse(text).map_err(|_| invalid(field))
}

/// Cut to what is sent, at the end of a character.
pub(super) fn reason(text: &str) -> String {
    let end = (0..=REASON_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}
