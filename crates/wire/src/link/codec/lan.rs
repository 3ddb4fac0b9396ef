//! The merchant's network, offline approvals and office requests as protobuf and back. Bounds what it reads; does not
//! look into certificates or JSON.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use vinr_domain::payment::{CaptureMethod, Channel, OfflineApproval, Origin};
use vinr_domain::{Currency, MAX_AMOUNT_MINOR, Money, PaymentId, Timestamp};

use super::{invalid, missing};
use crate::generated::link as proto;
use crate::link::message::{
    DecodeError, LanAccess, LanAccessApplied, LanCertificateRequest, OfficeAnswer, OfficeRequest,
    OfflineStanding, Operation, Shop,
};
use crate::link::{
    MAX_CHAIN_BYTES, MAX_CSR_BYTES, MAX_LOCAL_ADDRESSES, MAX_OFFICE_ANSWER_BYTES, MAX_OFFICE_REQUEST_BYTES,
};

/// How many revoked certificates are told.
const MAX_REVOKED: usize = 512;
/// The longest serial number that is read, in characters: 20 octets (RFC 5280 section 4.1.2.2).
const MAX_SERIAL_CHARS: usize = 40;
const MAX_ADDRESS_LINES: usize = 6;
/// The longest text that is read where a person wrote it.
const MAX_TEXT_BYTES: usize = 2_048;
const MAX_METADATA: usize = 50;

pub(super) fn origin_to_proto(origin: &Origin) -> proto::Origin {
    let channel = match origin.channel {
        Channel::Cloud => proto::origin::Channel::Unspecified,
        Channel::Local => proto::origin::Channel::Local,
        Channel::Cashless => proto::origin::Channel::Cashless,
    };
    let capture_method = match origin.capture_method {
        CaptureMethod::Automatic => proto::CaptureMethod::Automatic,
        CaptureMethod::Manual => proto::CaptureMethod::Manual,
    };
    proto::Origin {
        channel: channel.into(),
        payment_id: origin.payment.to_string(),
        amount_minor: origin.asked.amount_minor,
        currency: origin.asked.currency.code().to_owned(),
        capture_method: capture_method.into(),
        reference: origin.reference.as_deref().unwrap_or_default().to_owned(),
        description: origin.description.as_deref().unwrap_or_default().to_owned(),
        metadata: origin.metadata.as_ref().clone(),
        created_at_ms: origin.created_at.0,
    }
}

pub(super) fn origin_from_proto(from: proto::Origin) -> Result<Origin, DecodeError> {
    let channel = match from.channel() {
        proto::origin::Channel::Unspecified => return Err(invalid("origin.channel")),
        proto::origin::Channel::Local => Channel::Local,
        proto::origin::Channel::Cashless => Channel::Cashless,
    };
    let capture_method = match from.capture_method() {
        proto::CaptureMethod::Unspecified => return Err(invalid("origin.capture_method")),
        proto::CaptureMethod::Automatic => CaptureMethod::Automatic,
        proto::CaptureMethod::Manual => CaptureMethod::Manual,
    };
    if !(1..=MAX_AMOUNT_MINOR).contains(&from.amount_minor) {
        return Err(invalid("origin.amount_minor"));
    }
    let long = |(key, value): (&String, &String)| key.len().max(value.len()) > MAX_TEXT_BYTES;
    if from.metadata.len() > MAX_METADATA || from.metadata.iter().any(long) {
        return Err(invalid("origin.metadata"));
    }
    let metadata: BTreeMap<String, String> = from.metadata;
    Ok(Origin {
        channel,
        payment: PaymentId::parse(&from.payment_id).map_err(|_| invalid("origin.payment_id"))?,
        asked: Money {
            amount_minor: from.amount_minor,
            currency: Currency::parse(&from.currency).map_err(|_| invalid("origin.currency"))?,
        },
        capture_method,
        reference: text(from.reference, "origin.reference")?,
        description: text(from.description, "origin.description")?,
        metadata: Arc::new(metadata),
        created_at: Timestamp(from.created_at_ms),
    })
}

fn text(from: String, field: &'static str) -> Result<Option<Arc<str>>, DecodeError> {
    if from.len() > MAX_TEXT_BYTES {
        return Err(invalid(field));
    }
    Ok(Some(from).filter(|text| !text.is_empty()).map(Arc::from))
}

pub(super) fn offline_to_proto(offline: &OfflineApproval) -> proto::OfflineApproval {
    proto::OfflineApproval {
        approved_at_ms: offline.approved_at.0,
        number: offline.number,
        previous: offline.previous.to_vec(),
        hash: offline.hash.to_vec(),
    }
}

pub(super) fn offline_from_proto(from: &proto::OfflineApproval) -> Result<OfflineApproval, DecodeError> {
    if from.number == 0 {
        return Err(invalid("offline_approval.number"));
    }
    Ok(OfflineApproval {
        approved_at: Timestamp(from.approved_at_ms),
        number: from.number,
        previous: hash(&from.previous, "offline_approval.previous")?,
        hash: hash(&from.hash, "offline_approval.hash")?,
    })
}

fn hash(bytes: &[u8], field: &'static str) -> Result<[u8; 32], DecodeError> {
    bytes.try_into().map_err(|_| invalid(field))
}

pub(super) fn access_to_proto(access: &LanAccess) -> proto::LanAccess {
    proto::LanAccess {
        version: access.version,
        local_api: access.local_api,
        cashless: access.cashless,
        open_wire: access.open_wire,
        client_authorities_pem: access.client_authorities_pem.clone(),
        revoked_serials: access.revoked_serials.clone(),
        cashless_key_hash: access.cashless_key_hash.map(Vec::from).unwrap_or_default(),
        merchant_name: access.shop.merchant_name.clone(),
        address_lines: access.shop.address_lines.clone(),
        time_zone: access.shop.time_zone.clone(),
        livemode: access.livemode,
        settlement_currency: access.settlement_currency.code().to_owned(),
        offline_cap_minor: access.offline_cap_minor,
        offline_total_cap_minor: access.offline_total_cap_minor,
        display_name: access.shop.display_name.clone(),
        suspended: access.suspended,
    }
}

pub(super) fn access_from_proto(from: proto::LanAccess) -> Result<LanAccess, DecodeError> {
    if from.version == 0 {
        return Err(invalid("lan_access.version"));
    }
    if from.client_authorities_pem.len() > MAX_CHAIN_BYTES {
        return Err(invalid("lan_access.client_authorities_pem"));
    }
    let bad = |serial: &String| {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        serial.is_empty() || serial.len() > MAX_SERIAL_CHARS || !serial.bytes().all(hexadecimal)
    };
    if from.revoked_serials.len() > MAX_REVOKED || from.revoked_serials.iter().any(bad) {
        return Err(invalid("lan_access.revoked_serials"));
    }
    let cashless_key_hash = match from.cashless_key_hash.as_slice() {
        [] => None,
        bytes => Some(hash(bytes, "lan_access.cashless_key_hash")?),
    };
    let texts = [&from.merchant_name, &from.time_zone, &from.display_name];
    if texts.into_iter().chain(&from.address_lines).any(|text| text.len() > MAX_TEXT_BYTES)
        || from.address_lines.len() > MAX_ADDRESS_LINES
    {
        return Err(invalid("lan_access.shop"));
    }
    let caps = [from.offline_cap_minor, from.offline_total_cap_minor];
    if caps.into_iter().flatten().any(|cap| cap < 0) {
        return Err(invalid("lan_access.offline_cap_minor"));
    }
    Ok(LanAccess {
        version: from.version,
        local_api: from.local_api,
        cashless: from.cashless,
        open_wire: from.open_wire,
        client_authorities_pem: from.client_authorities_pem,
        revoked_serials: from.revoked_serials,
        cashless_key_hash,
        shop: Shop {
            merchant_name: from.merchant_name,
            address_lines: from.address_lines,
            time_zone: from.time_zone,
            display_name: from.display_name,
        },
        livemode: from.livemode,
        settlement_currency: Currency::parse(&from.settlement_currency)
            .map_err(|_| invalid("lan_access.settlement_currency"))?,
        offline_cap_minor: from.offline_cap_minor,
        offline_total_cap_minor: from.offline_total_cap_minor,
        suspended: from.suspended,
    })
}

pub(super) fn access_applied_to_proto(applied: &LanAccessApplied) -> proto::LanAccessApplied {
    proto::LanAccessApplied {
        version: applied.version,
        error: applied.error.as_deref().map(super::fleet::reason),
    }
}

pub(super) fn access_applied_from_proto(
    from: proto::LanAccessApplied,
) -> Result<LanAccessApplied, DecodeError> {
    if from.error.as_ref().is_some_and(|error| error.len() > MAX_TEXT_BYTES) {
        return Err(invalid("lan_access_applied.error"));
    }
    Ok(LanAccessApplied { version: from.version, error: from.error })
}

pub(super) fn csr_to_proto(request: &LanCertificateRequest) -> proto::LanCertificateRequest {
    proto::LanCertificateRequest {
        csr_der: request.csr_der.to_vec(),
        addresses: request.addresses.iter().map(IpAddr::to_string).collect(),
    }
}

pub(super) fn csr_from_proto(
    from: proto::LanCertificateRequest,
) -> Result<LanCertificateRequest, DecodeError> {
    if from.csr_der.is_empty() {
        return Err(missing("lan_certificate_request.csr_der"));
    }
    if from.csr_der.len() > MAX_CSR_BYTES {
        return Err(invalid("lan_certificate_request.csr_der"));
    }
    if from.addresses.len() > MAX_LOCAL_ADDRESSES {
        return Err(invalid("lan_certificate_request.addresses"));
    }
    let address = |text: &String| text.parse().map_err(|_| invalid("lan_certificate_request.addresses"));
    Ok(LanCertificateRequest {
        csr_der: Bytes::from(from.csr_der),
        addresses: from.addresses.iter().map(address).collect::<Result<_, _>>()?,
    })
}

pub(super) fn issued_from_proto(from: proto::LanCertificateIssued) -> Result<String, DecodeError> {
    if from.chain_pem.is_empty() || from.chain_pem.len() > MAX_CHAIN_BYTES {
        return Err(invalid("lan_certificate_issued.chain_pem"));
    }
    Ok(from.chain_pem)
}

pub(super) fn office_request_to_proto(request: &OfficeRequest) -> proto::OfficeRequest {
    proto::OfficeRequest {
        request: request.request,
        operation: request.operation.as_str().to_owned(),
        key: request.key.as_deref().unwrap_or_default().to_owned(),
        body: request.body.to_vec(),
    }
}

pub(super) fn office_request_from_proto(from: proto::OfficeRequest) -> Result<OfficeRequest, DecodeError> {
    if from.body.len() > MAX_OFFICE_REQUEST_BYTES {
        return Err(invalid("office_request.body"));
    }
    Ok(OfficeRequest {
        request: from.request,
        // Also what a newer terminal may ask for: refusing the frame would break the link for ever.
        operation: Operation::parse(&from.operation),
        key: text(from.key, "office_request.key")?,
        body: Bytes::from(from.body),
    })
}

pub(super) fn office_answer_to_proto(answer: &OfficeAnswer) -> proto::OfficeAnswer {
    proto::OfficeAnswer {
        request: answer.request,
        status: answer.status.into(),
        body: answer.body.to_vec(),
        replayed: answer.replayed,
    }
}

pub(super) fn office_answer_from_proto(from: proto::OfficeAnswer) -> Result<OfficeAnswer, DecodeError> {
    if from.body.len() > MAX_OFFICE_ANSWER_BYTES {
        return Err(invalid("office_answer.body"));
    }
    let status = u16::try_from(from.status).ok().filter(|status| (100..600).contains(status));
    Ok(OfficeAnswer {
        request: from.request,
        status: status.ok_or(invalid("office_answer.status"))?,
        body: Bytes::from(from.body),
        replayed: from.replayed,
    })
}

pub(super) fn standing_to_proto(standing: &OfflineStanding) -> proto::OfflineStanding {
    proto::OfflineStanding {
        pending: standing.pending,
        amount_minor: standing.amount_minor,
        currency: standing.currency.map(|currency| currency.code().to_owned()).unwrap_or_default(),
        oldest_at_ms: standing.oldest_at.map_or(0, |at| at.0),
        generation: standing.generation,
        last_number: standing.last_number,
    }
}

pub(super) fn standing_from_proto(from: &proto::OfflineStanding) -> Result<OfflineStanding, DecodeError> {
    if from.amount_minor < 0 {
        return Err(invalid("offline_standing.amount_minor"));
    }
    let currency = match from.currency.as_str() {
        "" => None,
        code => Some(Currency::parse(code).map_err(|_| invalid("offline_standing.currency"))?),
    };
    Ok(OfflineStanding {
        pending: from.pending,
        amount_minor: from.amount_minor,
        currency,
        oldest_at: Some(Timestamp(from.oldest_at_ms)).filter(|at| at.0 != 0),
        generation: from.generation,
        last_number: from.last_number,
    })
}
