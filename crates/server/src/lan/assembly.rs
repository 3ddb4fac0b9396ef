//! Works out what a terminal is told of its merchant's network, from what is registered of terminal, account and
//! location. Sends nothing.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use vinr_domain::{Currency, LocationId, OFFLINE_DEFAULTS_CURRENCY, Timestamp};
use vinr_wire::link::{LanAccess, Shop};
use vinr_wire::rest::lan::LanModes;
use vinr_wire::rest::location::Address;

use super::row::{ClientCertificateRow, LanRow, TERMINAL};
use super::service::Lan;
use crate::gateway::{Terminal, TerminalKey};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Kept, LocationRow, RecordCursor, RecordPage, Scope, StoreError};

/// The most serial numbers that are told (see `LanAccess` in `link.proto`).
pub(super) const MAX_REVOKED: usize = 512;
/// The longest line of an address on a receipt, in characters.
const MAX_LINE_CHARS: usize = 64;

/// Everything that decides what a terminal is told and that is known without asking the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standpoint {
    location: Option<LocationId>,
    display_name: Option<Arc<str>>,
    deactivated: bool,
    merchant: Arc<str>,
    time_zone: Arc<str>,
    currency: Option<Arc<str>>,
    cap_minor: Option<i64>,
    total_cap_minor: Option<i64>,
    suspended: bool,
}

impl Standpoint {
    pub(super) fn of(office: &Office, terminal: &Terminal) -> Self {
        let scope = &terminal.key.scope;
        let figures = office.book.figures(scope);
        let account = office.book.account(&scope.account);
        let (location, display_name, deactivated) =
            terminal.read(|row| (row.location.clone(), row.display_name.clone(), row.deactivated));
        Self {
            location,
            display_name,
            deactivated,
            merchant: office.book.display_name(scope).unwrap_or_default(),
            time_zone: figures.time_zone,
            currency: figures.default_currency,
            cap_minor: account.as_ref().and_then(|row| row.offline_cap_max_amount_minor),
            total_cap_minor: account.as_ref().and_then(|row| row.offline_cap_max_total_minor),
            suspended: account.is_some_and(|row| row.suspended),
        }
    }

    /// Out of service, nothing is served, whatever is configured.
    pub(super) fn serves(&self, modes: LanModes) -> LanModes {
        if self.deactivated { LanModes::default() } else { modes }
    }

    /// An account that has not said what it settles in settles in the models' currency.
    fn currency(&self) -> Currency {
        let own = self.currency.as_deref().and_then(|code| Currency::parse(code).ok());
        own.unwrap_or_else(|| {
            Currency::parse(OFFLINE_DEFAULTS_CURRENCY).expect("a currency that is written in the domain")
        })
    }
}

/// Tells whether what a terminal is told has changed: SHA-256 over all of it but the version.
pub(super) fn digest_of(access: &LanAccess) -> Arc<str> {
    let LanAccess { version: _, local_api, cashless, open_wire, client_authorities_pem, .. } = access;
    let LanAccess { revoked_serials, cashless_key_hash, shop, livemode, settlement_currency, .. } = access;
    let LanAccess { offline_cap_minor, offline_total_cap_minor, suspended, .. } = access;
    let text = serde_json::json!([
        [local_api, cashless, open_wire, livemode],
        client_authorities_pem,
        revoked_serials,
        cashless_key_hash,
        [shop.merchant_name, shop.time_zone, shop.display_name],
        shop.address_lines,
        settlement_currency.to_string(),
        [offline_cap_minor, offline_total_cap_minor],
        suspended,
    ]);
    let hash = digest(&SHA256, text.to_string().as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

impl Lan {
    /// What the terminal is to be told; `version` is not set.
    pub(super) async fn assemble(
        &self,
        asked: &LanRow,
        modes: LanModes,
        standpoint: &Standpoint,
    ) -> Result<LanAccess, StoreError> {
        let office = &self.shared.office;
        let key = TerminalKey { scope: asked.scope.clone(), id: asked.terminal.clone() };
        let location = match &standpoint.location {
            Some(id) => office.store.get::<LocationRow>(&key.scope, id.as_str()).await?,
            None => None,
        };
        let location = location.map(|kept| kept.value);
        let authority = self.shared.identities.authority().ok();
        let LanModes { local_api, open_wire, cashless } = standpoint.serves(modes);
        Ok(LanAccess {
            version: 0,
            local_api,
            cashless,
            open_wire,
            client_authorities_pem: authority.map(|own| own.clients_pem().to_owned()).unwrap_or_default(),
            revoked_serials: self.revoked(&key).await?,
            cashless_key_hash: asked.cashless_key.as_ref().map(|key| key.hash),
            shop: shop(standpoint, location.as_ref()),
            livemode: key.scope.livemode,
            settlement_currency: standpoint.currency(),
            offline_cap_minor: standpoint.cap_minor,
            offline_total_cap_minor: standpoint.total_cap_minor,
            suspended: standpoint.suspended,
        })
    }

    /// Whose shop it is, as receipts of the terminal show it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn shop(&self, scope: &Scope, terminal: &str) -> Result<Shop, Refusal> {
        let office = &self.shared.office;
        let standpoint = Standpoint::of(office, &*self.find(scope, terminal)?);
        let location = match &standpoint.location {
            Some(id) => office.store.get::<LocationRow>(scope, id.as_str()).await?,
            None => None,
        };
        Ok(shop(&standpoint, location.as_ref().map(|kept| &kept.value)))
    }

    /// Serial numbers of the terminal's client certificates that were revoked and have not ended.
    async fn revoked(&self, key: &TerminalKey) -> Result<Vec<String>, StoreError> {
        let now = self.shared.office.now();
        let mut serials: Vec<String> = Vec::new();
        for kept in self.certificates(key).await? {
            let row = kept.value;
            if row.revoked_at.is_some() && row.not_after >= now {
                serials.push(row.serial.to_string());
            }
        }
        serials.sort_unstable();
        serials.truncate(MAX_REVOKED);
        Ok(serials)
    }

    /// Every client certificate of the terminal that has not ended, and some that have.
    pub(super) async fn certificates(
        &self,
        key: &TerminalKey,
    ) -> Result<Vec<Kept<ClientCertificateRow>>, StoreError> {
        let now: Timestamp = self.shared.office.now();
        let mut all = Vec::new();
        let mut cursor = RecordCursor::Start;
        loop {
            let page = RecordPage { limit: 100, cursor };
            let having = Some((TERMINAL, key.id.as_str()));
            let store = &self.shared.office.store;
            let (kept, more) = store.list::<ClientCertificateRow>(&key.scope, having, &page).await?;
            let last =
                kept.last().map(|kept| (Arc::<str>::from(kept.value.id.to_string()), kept.value.not_after));
            all.extend(kept);
            // Newest first, and all live equally long: behind one that has ended there are only such.
            match last.filter(|(_, not_after)| more && *not_after >= now) {
                Some((last, _)) => cursor = RecordCursor::After(last),
                None => return Ok(all),
            }
        }
    }
}

fn shop(standpoint: &Standpoint, location: Option<&LocationRow>) -> Shop {
    let address = location.and_then(|row| row.address.as_ref());
    let time_zone = location.and_then(|row| row.time_zone.as_ref()).unwrap_or(&standpoint.time_zone);
    Shop {
        merchant_name: standpoint.merchant.to_string(),
        address_lines: address.map(lines).unwrap_or_default(),
        time_zone: time_zone.to_string(),
        display_name: standpoint.display_name.as_deref().unwrap_or("").to_owned(),
    }
}

/// The address as receipts show it.
fn lines(address: &Address) -> Vec<String> {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let town = [text(&address.postal_code), text(&address.city)];
    let town = town.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let lines = [text(&address.line1), text(&address.line2), town, text(&address.country)];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.map(|line| line.chars().take(MAX_LINE_CHARS).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_people_write_it_without_empty_lines() {
        let some = |text: &str| Some(text.to_owned());
        let address = Address {
            line1: some("Hauptstr. 1"),
            line2: some(""),
            city: some("Berlin"),
            postal_code: some("10115"),
            country: some("DE"),
        };
        assert_eq!(lines(&address), ["Hauptstr. 1", "10115 Berlin", "DE"]);
        assert!(lines(&Address::default()).is_empty());
        let long = Address { line1: Some("x".repeat(200)), ..Address::default() };
        assert_eq!(lines(&long)[0].len(), MAX_LINE_CHARS);
    }
}
