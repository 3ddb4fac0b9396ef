//! Who may speak to the terminal, as the memory's file holds it.

use serde::{Deserialize, Serialize};
use vinr_domain::Currency;
use vinr_wire::link::{LanAccess, Shop};

/// A [`LanAccess`] on disk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KeptAccess {
    version: u64,
    local_api: bool,
    cashless: bool,
    open_wire: bool,
    client_authorities_pem: String,
    revoked_serials: Vec<String>,
    cashless_key_hash: Option<[u8; 32]>,
    merchant_name: String,
    address_lines: Vec<String>,
    time_zone: String,
    display_name: String,
    livemode: bool,
    settlement_currency: String,
    offline_cap_minor: Option<i64>,
    offline_total_cap_minor: Option<i64>,
    suspended: bool,
}

impl KeptAccess {
    pub(crate) fn of(access: &LanAccess) -> Self {
        let LanAccess { shop, .. } = access.clone();
        Self {
            version: access.version,
            local_api: access.local_api,
            cashless: access.cashless,
            open_wire: access.open_wire,
            client_authorities_pem: access.client_authorities_pem.clone(),
            revoked_serials: access.revoked_serials.clone(),
            cashless_key_hash: access.cashless_key_hash,
            merchant_name: shop.merchant_name,
            address_lines: shop.address_lines,
            time_zone: shop.time_zone,
            display_name: shop.display_name,
            livemode: access.livemode,
            settlement_currency: access.settlement_currency.code().to_owned(),
            offline_cap_minor: access.offline_cap_minor,
            offline_total_cap_minor: access.offline_total_cap_minor,
            suspended: access.suspended,
        }
    }

    /// As it holds; `None` when somebody has written into the file: then nobody is served until the cloud says it again.
    pub(crate) fn access(&self) -> Option<LanAccess> {
        Some(LanAccess {
            version: self.version,
            local_api: self.local_api,
            cashless: self.cashless,
            open_wire: self.open_wire,
            client_authorities_pem: self.client_authorities_pem.clone(),
            revoked_serials: self.revoked_serials.clone(),
            cashless_key_hash: self.cashless_key_hash,
            shop: Shop {
                merchant_name: self.merchant_name.clone(),
                address_lines: self.address_lines.clone(),
                time_zone: self.time_zone.clone(),
                display_name: self.display_name.clone(),
            },
            livemode: self.livemode,
            settlement_currency: Currency::parse(&self.settlement_currency).ok()?,
            offline_cap_minor: self.offline_cap_minor,
            offline_total_cap_minor: self.offline_total_cap_minor,
            suspended: self.suspended,
        })
    }
}
