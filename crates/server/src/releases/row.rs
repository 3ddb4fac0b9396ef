//! What is kept of a release, and how the API shows it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{Timestamp, encode_base32};
use vinr_pki::software::Manifest;
use vinr_wire::rest::release::ReleaseView;

use crate::store::spelling;
use crate::store::{Kind, RecordKey, Scope, Stored};

/// A version of the software of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReleaseRow {
    /// Its name, `rel_…`.
    pub id: Arc<str>,
    /// Always [`Scope::platform`].
    pub scope: Scope,
    /// For which model.
    pub model: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
    /// The manifest, exactly as it was signed.
    pub manifest: Arc<str>,
    /// ECDSA P-256 with SHA-256, ASN.1 DER.
    pub signature: Vec<u8>,
    /// The signer's certificate and its issuers, PEM, signer first.
    pub chain_pem: Arc<str>,
    /// How many of a hundred terminals may install it.
    pub rollout_percent: u8,
    /// Whether it is installed by no more terminals.
    pub halted: bool,
    /// When it was registered.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
}

impl ReleaseRow {
    /// A name for a release.
    pub(super) fn name(number: u128) -> Arc<str> {
        format!("rel_{}", encode_base32(number)).into()
    }

    /// As the API shows it.
    #[must_use]
    pub fn view(&self) -> ReleaseView {
        // It was made here and read back when it was signed.
        let manifest = Manifest::parse(self.manifest.as_bytes()).ok();
        let of = manifest.as_ref();
        ReleaseView {
            id: self.id.as_ref().into(),
            object: "release",
            model: self.model.as_ref().into(),
            version: self.version.as_ref().into(),
            sha256: of.map(|manifest| manifest.sha256.clone()).unwrap_or_default(),
            size: of.map(|manifest| manifest.size_bytes).unwrap_or_default(),
            url: of.and_then(|manifest| manifest.url.clone()),
            min_version: of.and_then(|manifest| manifest.min_version).map(|version| version.to_string()),
            not_after: of.map(|manifest| manifest.not_after.unix_seconds()).unwrap_or_default(),
            rollout_percent: self.rollout_percent,
            halted: self.halted,
            created_at: self.created_at.unix_seconds(),
        }
    }
}

impl Stored for ReleaseRow {
    const KIND: Kind = Kind::Release;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn keys(&self) -> Vec<RecordKey> {
        // One release of a version and model: what is signed is not signed again with other content.
        vec![RecordKey::unique("version", format!("{} {}", self.model, self.version))]
    }
}
