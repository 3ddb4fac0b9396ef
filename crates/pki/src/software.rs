//! Signed statements of what software a terminal shall run, and their check on the terminal: who signed, with which
//! authority's leave, and whether this device may install it. Downloads and installs nothing.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls::pki_types::{CertificateDer, UnixTime};
use serde::{Deserialize, Serialize};
use vinr_domain::{SoftwareVersion, Timestamp};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::extensions::GeneralName;

use crate::certificate::{Credential, parse_chain};
use crate::identity::parse_certificate;

/// The longest manifest, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 8 * 1024;
/// The longest chain of a signer, in bytes of PEM.
const MAX_CHAIN_BYTES: usize = 16 * 1024;
/// Code signing, 1.3.6.1.5.5.7.3.3 (RFC 5280 section 4.2.1.12), without tag and length.
const CODE_SIGNING: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 3];
/// The one name of a signer of software.
const SIGNER_NAME: &str = "vinr:software";

/// What software to install. A field that a device does not know makes it refuse the whole: a condition that is not
/// understood must not be ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The software's version.
    pub version: SoftwareVersion,
    /// The model it is for, as in the table of models.
    pub model: String,
    /// SHA-256 of the image, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Size of the image, in bytes.
    pub size_bytes: u64,
    /// Where the image is; `None` when the device's maker delivers it another way.
    pub url: Option<String>,
    /// The oldest version that it may be installed over; `None`: any.
    pub min_version: Option<SoftwareVersion>,
    /// From when on it must not be installed any more.
    pub not_after: Timestamp,
}

/// A manifest as it travels: the exact bytes, their signature, and who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedManifest {
    /// JSON.
    pub manifest: Vec<u8>,
    /// ECDSA P-256 with SHA-256, ASN.1 DER.
    pub signature: Vec<u8>,
    /// The signer's certificate and its issuers, PEM, signer first.
    pub chain_pem: String,
}

/// The device that may or may not install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The version that runs on it.
    pub running: &'a str,
    /// Its model.
    pub model: &'a str,
}

/// What an accepted manifest asks of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Install it.
    Install,
    /// It runs already.
    UpToDate,
}

/// The manifest was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A field cannot be sent: the model or the digest is not what it must be, or the whole is too long.
    #[error("the manifest's {0} is not valid")]
    Field(&'static str),
    /// The signer's key cannot be used.
    #[error("the signer's key cannot be used")]
    Key,
}

/// A terminal does not install the software. Each says whose fault it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoftwareRefusal {
    /// The signer's certificate, or one above it, is not acceptable.
    #[error("the signer is not trusted: {0}")]
    Signer(String),
    /// The signature is not the signer's, or the bytes were changed.
    #[error("the signature does not match the manifest")]
    Signature,
    /// The bytes are signed, but do not say what they must.
    #[error("the manifest is malformed: {0}")]
    Malformed(String),
    /// Its time is over.
    #[error("the manifest has expired")]
    Expired,
    /// It is for other devices.
    #[error("the software is for {wanted}, this device is {own}")]
    WrongModel {
        /// In the manifest.
        wanted: String,
        /// The device's.
        own: String,
    },
    /// It is older than what runs.
    #[error("the software {offered} is older than {running}, which runs: downgrades are refused")]
    Downgrade {
        /// In the manifest.
        offered: SoftwareVersion,
        /// On the device.
        running: SoftwareVersion,
    },
    /// What runs is too old to be replaced in one step.
    #[error("{needed} or newer must run before this update; {running} does")]
    TooOld {
        /// In the manifest.
        needed: SoftwareVersion,
        /// On the device.
        running: SoftwareVersion,
    },
    /// The device cannot say what it runs, so that a downgrade could not be told.
    #[error("this device does not know which version it runs")]
    UnknownVersion,
}

/// The JSON of a manifest.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    version: String,
    model: String,
    sha256: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_version: Option<String>,
    /// Unix seconds.
    not_after: i64,
}

impl Manifest {
    /// Reads a manifest's JSON. Whether somebody signed it is another question: see [`verify`].
    ///
    /// # Errors
    /// [`SoftwareRefusal::Malformed`], naming the field.
    pub fn parse(bytes: &[u8]) -> Result<Self, SoftwareRefusal> {
        let malformed = |what: &str| SoftwareRefusal::Malformed(what.to_owned());
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(malformed("it is too long"));
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|error| SoftwareRefusal::Malformed(error.to_string()))?;
        let version = |text: &str, field: &str| {
            SoftwareVersion::parse(text).map_err(|_| malformed(&format!("`{field}` is not a version")))
        };
        let manifest = Self {
            version: version(&written.version, "version")?,
            min_version: written
                .min_version
                .as_deref()
                .map(|text| version(text, "minVersion"))
                .transpose()?,
            model: written.model,
            sha256: written.sha256,
            size_bytes: written.size,
            url: written.url,
            not_after: Timestamp(written.not_after.saturating_mul(1_000)),
        };
        match manifest.wrong_field() {
            Some(field) => Err(malformed(&format!("`{field}` is not valid"))),
            None => Ok(manifest),
        }
    }

    fn to_json(&self) -> Result<Vec<u8>, SignError> {
        let written = Written {
            version: self.version.to_string(),
            model: self.model.clone(),
            sha256: self.sha256.clone(),
            size: self.size_bytes,
            url: self.url.clone(),
            min_version: self.min_version.map(|version| version.to_string()),
            not_after: self.not_after.unix_seconds(),
        };
        serde_json::to_vec(&written).map_err(|_| SignError::Field("content"))
    }

    fn wrong_field(&self) -> Option<&'static str> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.model.is_empty() {
            return Some("model");
        }
        (self.sha256.len() != 64 || !self.sha256.bytes().all(digit)).then_some("sha256")
    }

    /// Whether the device may install it at `now`.
    ///
    /// # Errors
    /// [`SoftwareRefusal`]: expired, for another model, older than what runs, or too new for it.
    pub fn admits(&self, device: Target<'_>, now: Timestamp) -> Result<Verdict, SoftwareRefusal> {
        if now >= self.not_after {
            return Err(SoftwareRefusal::Expired);
        }
        if self.model != device.model {
            let (wanted, own) = (self.model.clone(), device.model.to_owned());
            return Err(SoftwareRefusal::WrongModel { wanted, own });
        }
        let running = SoftwareVersion::parse(device.running).map_err(|_| SoftwareRefusal::UnknownVersion)?;
        if self.version < running {
            return Err(SoftwareRefusal::Downgrade { offered: self.version, running });
        }
        if let Some(needed) = self.min_version.filter(|needed| running < *needed) {
            return Err(SoftwareRefusal::TooOld { needed, running });
        }
        Ok(if self.version == running { Verdict::UpToDate } else { Verdict::Install })
    }
}

/// Signs a manifest with a credential of [`crate::Authority::issue_software_signer`].
///
/// # Errors
/// [`SignError`] when the manifest cannot be sent, or the credential holds another kind of key.
pub fn sign(manifest: &Manifest, signer: &Credential) -> Result<SignedManifest, SignError> {
    if let Some(field) = manifest.wrong_field() {
        return Err(SignError::Field(field));
    }
    let bytes = manifest.to_json()?;
    if bytes.len() > MAX_MANIFEST_BYTES {
        return Err(SignError::Field("length"));
    }
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, signer.key.secret_der())
        .map_err(|_| SignError::Key)?;
    let signature = key.sign(&SystemRandom::new(), &bytes).map_err(|_| SignError::Key)?;
    Ok(SignedManifest {
        manifest: bytes,
        signature: signature.as_ref().to_vec(),
        chain_pem: signer.chain_pem().to_owned(),
    })
}

/// Reads a manifest that a signer under one of these roots (PEM) has signed, at `now`.
///
/// The order is the order of trust: nothing of the manifest is read before its signature holds.
///
/// # Errors
/// [`SoftwareRefusal::Signer`], [`SoftwareRefusal::Signature`] or [`SoftwareRefusal::Malformed`].
pub fn verify(signed: &SignedManifest, roots_pem: &str, now: Timestamp) -> Result<Manifest, SoftwareRefusal> {
    let untrusted = |why: &str| SoftwareRefusal::Signer(why.to_owned());
    if signed.chain_pem.len() > MAX_CHAIN_BYTES {
        return Err(untrusted("its chain is too long"));
    }
    let chain = parse_chain(&signed.chain_pem).ok_or_else(|| untrusted("its chain cannot be read"))?;
    let roots = parse_chain(roots_pem).ok_or_else(|| untrusted("this device trusts no root"))?;
    let (leaf, issuers) = chain.split_first().ok_or_else(|| untrusted("its chain is empty"))?;
    let anchors: Vec<_> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let certificate = EndEntityCert::try_from(leaf).map_err(signer)?;
    let time = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(now.0).unwrap_or(0)));
    let usage = KeyUsage::required(CODE_SIGNING);
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    certificate.verify_for_usage(algorithms, &anchors, issuers, time, usage, None, None).map_err(signer)?;
    if !names_a_signer(leaf) {
        return Err(untrusted("its certificate is not one for software"));
    }
    certificate
        .verify_signature(webpki::aws_lc_rs::ECDSA_P256_SHA256, &signed.manifest, &signed.signature)
        .map_err(|_| SoftwareRefusal::Signature)?;
    Manifest::parse(&signed.manifest)
}

fn signer(error: webpki::Error) -> SoftwareRefusal {
    let why = match error {
        webpki::Error::UnknownIssuer => "its certificate comes from another installation".to_owned(),
        webpki::Error::CertExpired { .. } => "its certificate has expired".to_owned(),
        webpki::Error::RequiredEkuNotFoundContext(_) => "its certificate is not one for software".to_owned(),
        other => other.to_string(),
    };
    SoftwareRefusal::Signer(why)
}

fn names_a_signer(leaf: &CertificateDer<'_>) -> bool {
    let Ok(certificate) = parse_certificate(leaf) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    matches!(names.value.general_names.as_slice(), [GeneralName::URI(name)] if *name == SIGNER_NAME)
}
