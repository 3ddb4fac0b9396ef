//! Owns the root and the issuing authorities under it, in memory and on disk. What they may sign is decided in
//! `issue`; this refuses authorities that are exposed, expired, or not what their directory says.

use std::fmt;
use std::path::{Path, PathBuf};

use aws_lc_rs::{digest, hmac};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData,
};
use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};
use vinr_domain::Timestamp;

use crate::certificate::parse_chain;
use crate::device::{DeviceKey, KeyError};
use crate::files::{self, StorageError};
use crate::identity::{hex, parse_certificate};
use crate::issue::random_serial;
use crate::listener;

const ROOT_DIR: &str = "root";
const ROOT_BUNDLE: &str = "ca.pem";
const KEY: &str = "key.pem";
const CERTIFICATE: &str = "cert.pem";
const ROOT_LIFE: Duration = Duration::days(20 * 365);
const ISSUING_LIFE: Duration = Duration::days(5 * 365);
/// Authorities are valid from a day before they were made, for readers whose clock is behind.
const BACKDATE: Duration = Duration::days(1);

/// What an issuing authority may certify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Devices,
    Clients,
    Servers,
    Listeners,
    Software,
}

impl Role {
    fn dir(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Clients => "clients",
            Self::Servers => "servers",
            Self::Listeners => "listeners",
            Self::Software => "software",
        }
    }

    /// The start of the authority's common name; the rest tells two installations apart.
    fn subject(self) -> &'static str {
        match self {
            Self::Devices => "VINR devices authority ",
            Self::Clients => "VINR clients authority ",
            Self::Servers => "VINR servers authority ",
            Self::Listeners => "VINR listeners authority ",
            Self::Software => "VINR software authority ",
        }
    }

    pub(crate) fn purpose(self) -> ExtendedKeyUsagePurpose {
        match self {
            Self::Devices | Self::Clients => ExtendedKeyUsagePurpose::ClientAuth,
            Self::Servers | Self::Listeners => ExtendedKeyUsagePurpose::ServerAuth,
            Self::Software => ExtendedKeyUsagePurpose::CodeSigning,
        }
    }

    /// Those that are named by URI alone have authorities that are barred from host names and addresses; listeners in
    /// merchants' networks are kept to what such a network has. URIs themselves cannot be constrained: verifiers refuse
    /// such a constraint or disagree on its meaning.
    fn constraints(self) -> Option<NameConstraints> {
        match self {
            Self::Servers => None,
            Self::Listeners => Some(listener::constraints()),
            Self::Devices | Self::Clients | Self::Software => Some(NameConstraints {
                permitted_subtrees: Vec::new(),
                excluded_subtrees: vec![
                    GeneralSubtree::DnsName(String::new()),
                    GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([0; 4], 0)),
                    GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix([0; 16], 0)),
                ],
            }),
        }
    }
}

/// The installation's certificate authority.
///
/// On disk: `root/` (key and certificate; may be moved away and kept offline once the rest exists), `ca.pem` (the
/// root certificate, stays), and `devices/`, `clients/`, `servers/`, `listeners/`, `software/` with a key and a
/// certificate each. `listeners/` and `software/` came later than the others: an installation without them runs, but
/// certifies no listener and signs no software until the root's key has been there for one start.
pub struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    devices: Issuing,
    clients: Issuing,
    servers: Issuing,
    listeners: Option<Issuing>,
    software: Option<Issuing>,
}

/// An authority cannot be used; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file could not be read or written, or its mode is wrong.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate could not be made.
    #[error("cannot make an authority's certificate: {0}")]
    Library(#[from] rcgen::Error),
    /// The time given lies outside what a certificate can express.
    #[error("{0:?} is not a time a certificate can carry")]
    Time(Timestamp),
    /// A file does not hold what its name says.
    #[error("{} does not hold a readable {expected}: restore it from a backup", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// Key and certificate are not a pair.
    #[error("key.pem and cert.pem in {} do not belong together: restore both from one backup", dir.display())]
    Mismatch {
        /// The directory that holds them.
        dir: PathBuf,
    },
    /// The authority was made by another root or for another role.
    #[error("{} is not an authority of this root for this role: restore it from a backup", path.display())]
    Foreign {
        /// The certificate file.
        path: PathBuf,
    },
    /// The authority has expired, or the clock is before its making.
    #[error(
        "the authority in {} is valid from {from} to {until}, and it is {now}: correct the clock, or move this \
         directory away and start once with root/ in place to make a new one", dir.display()
    )]
    NotInForce {
        /// The directory that holds it.
        dir: PathBuf,
        /// Start of its validity.
        from: OffsetDateTime,
        /// End of its validity.
        until: OffsetDateTime,
        /// The time given.
        now: OffsetDateTime,
    },
    /// An issuing authority is missing and the root's key, which could make it, is not there.
    #[error(
        "{} does not exist and cannot be made without the root's key: put {} back for one start",
        missing.display(), root.display()
    )]
    RootAway {
        /// The missing directory or file.
        missing: PathBuf,
        /// Where the root belongs.
        root: PathBuf,
    },
}

/// One issuing authority, ready to sign.
pub(crate) struct Issuing {
    pub(crate) role: Role,
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) pem: String,
    pub(crate) issuer: Issuer<'static, KeyPair>,
    pub(crate) until: OffsetDateTime,
}

/// The root while authorities are opened or made; its key is dropped afterwards.
struct Root {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Option<Issuer<'static, KeyPair>>,
    until: OffsetDateTime,
}

/// A key and its certificate as they lie in a directory, checked against each other.
struct Pair {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    /// Opens the authorities in `dir`; whatever does not exist yet is made, as long as the root's key is at hand.
    /// A second process waits until the first has finished.
    ///
    /// # Errors
    /// [`AuthorityError`], naming the path and the cure.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let time = date(now)?;
        files::create_private_dir(dir)?;
        let _lock = files::lock(dir)?;
        let root = Root::open_or_create(dir, time)?;
        let open = |role| Issuing::open_or_create(dir, role, &root, time);
        let (devices, clients, servers) = (open(Role::Devices)?, open(Role::Clients)?, open(Role::Servers)?);
        // Payments through the cloud do not wait for what only updates and the merchant's network need.
        let later = |role, without: &str| match open(role) {
            Ok(issuing) => Ok(Some(issuing)),
            Err(away @ AuthorityError::RootAway { .. }) => {
                tracing::warn!(%away, "{without}");
                Ok(None)
            }
            Err(error) => Err(error),
        };
        let listeners = later(Role::Listeners, "no listener of a terminal can be certified")?;
        let software = later(Role::Software, "no software can be signed")?;
        Ok(Self {
            devices,
            clients,
            servers,
            listeners,
            software,
            root_pem: root.pem,
            root: root.certificate,
        })
    }

    /// The root certificate as PEM: what devices and API clients pin.
    #[must_use]
    pub fn roots_pem(&self) -> &str {
        &self.root_pem
    }

    /// The root certificate.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// The authority that tills are certified by, as PEM: what terminals judge them against, so that nothing that a
    /// sibling issued can pass.
    #[must_use]
    pub fn clients_pem(&self) -> &str {
        &self.clients.pem
    }

    /// A keyed hash of something short that must not be found by trying (an activation code has 40 bits). The key is
    /// derived from the devices authority's, so that a copy of the database alone does not help; `purpose` keeps
    /// uses apart.
    #[must_use]
    pub fn keyed_hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        let secret = digest::digest(&digest::SHA256, self.devices.issuer.key().serialized_der());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref());
        let derived = hmac::sign(&key, purpose.as_bytes());
        let key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(&key, text.as_bytes()).as_ref());
        hash
    }

    /// The authority for the role; only those for listeners and for software can be absent.
    pub(crate) fn issuing(&self, role: Role) -> Option<&Issuing> {
        match role {
            Role::Devices => Some(&self.devices),
            Role::Clients => Some(&self.clients),
            Role::Servers => Some(&self.servers),
            Role::Listeners => self.listeners.as_ref(),
            Role::Software => self.software.as_ref(),
        }
    }

    /// The authority that devices are certified by.
    pub(crate) fn devices(&self) -> &Issuing {
        &self.devices
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("devices_until", &self.devices.until).finish_non_exhaustive()
    }
}

impl Root {
    fn open_or_create(dir: &Path, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        let (home, bundle) = (dir.join(ROOT_DIR), dir.join(ROOT_BUNDLE));
        if !files::exists(&home)? {
            if files::exists(&bundle)? {
                return Self::open_public(dir, &bundle, now);
            }
            for role in [Role::Devices, Role::Clients, Role::Servers] {
                if files::exists(&dir.join(role.dir()))? {
                    return Err(AuthorityError::RootAway { missing: bundle, root: home });
                }
            }
            Self::create(dir, now)?;
            tracing::info!(path = %home.display(), "made a root authority; move it to a safe place after this start");
        }
        let pair = Pair::load(&home)?;
        let until = check_in_force(&home, &pair.certificate, now)?;
        if files::exists(&bundle)? {
            if read_certificate(&bundle)?.1 != pair.certificate {
                return Err(AuthorityError::Foreign { path: home.join(CERTIFICATE) });
            }
        } else {
            files::write(dir, ROOT_BUNDLE, pair.pem.as_bytes())?;
        }
        let issuer = Issuer::from_ca_cert_der(&pair.certificate, pair.key)?;
        Ok(Self { certificate: pair.certificate, pem: pair.pem, issuer: Some(issuer), until })
    }

    fn open_public(dir: &Path, bundle: &Path, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        let (pem, certificate) = read_certificate(bundle)?;
        let until = check_in_force(dir, &certificate, now)?;
        Ok(Self { certificate, pem, issuer: None, until })
    }

    fn create(dir: &Path, now: OffsetDateTime) -> Result<(), AuthorityError> {
        let key = DeviceKey::generate()?.0;
        let mut params = authority_params("VINR root ", &key, 1, now - BACKDATE, now + ROOT_LIFE)?;
        params.use_authority_key_identifier_extension = false;
        let pem = params.self_signed(&key)?.pem();
        Ok(publish(dir, ROOT_DIR, &key, &pem)?)
    }
}

impl Issuing {
    fn open_or_create(
        dir: &Path,
        role: Role,
        root: &Root,
        now: OffsetDateTime,
    ) -> Result<Self, AuthorityError> {
        let home = dir.join(role.dir());
        if !files::exists(&home)? {
            let Some(issuer) = &root.issuer else {
                return Err(AuthorityError::RootAway { missing: home, root: dir.join(ROOT_DIR) });
            };
            let key = DeviceKey::generate()?.0;
            let until = (now + ISSUING_LIFE).min(root.until);
            let mut params = authority_params(role.subject(), &key, 0, now - BACKDATE, until)?;
            params.extended_key_usages = vec![role.purpose()];
            params.name_constraints = role.constraints();
            let pem = params.signed_by(&key, issuer)?.pem();
            publish(dir, role.dir(), &key, &pem)?;
        }
        Self::load(&home, role, root, now)
    }

    fn load(home: &Path, role: Role, root: &Root, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        let pair = Pair::load(home)?;
        let foreign = || AuthorityError::Foreign { path: home.join(CERTIFICATE) };
        let certificate = parse_certificate(&pair.certificate).map_err(|_| foreign())?;
        let authority = parse_certificate(&root.certificate).map_err(|_| foreign())?;
        certificate.verify_signature(Some(authority.public_key())).map_err(|_| foreign())?;
        // A backup restored into the wrong directory would let clients pass as devices.
        let common_name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        if !common_name.is_some_and(|name| name.starts_with(role.subject())) {
            return Err(foreign());
        }
        let until = check_in_force(home, &pair.certificate, now)?;
        let issuer = Issuer::from_ca_cert_der(&pair.certificate, pair.key)?;
        Ok(Self { role, certificate: pair.certificate, pem: pair.pem, issuer, until })
    }
}

impl Pair {
    fn load(home: &Path) -> Result<Self, AuthorityError> {
        let path = home.join(KEY);
        let secret = files::read_secret(&path)?;
        let key = DeviceKey::from_pem(&secret)
            .map_err(|_| AuthorityError::Unreadable { path, expected: "ECDSA P-256 key" })?;
        let (pem, certificate) = read_certificate(&home.join(CERTIFICATE))?;
        if !key.matches(&certificate) {
            return Err(AuthorityError::Mismatch { dir: home.into() });
        }
        Ok(Self { certificate, pem, key: key.0 })
    }
}

fn authority_params(
    subject: &str,
    key: &KeyPair,
    path_length: u8,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<CertificateParams, AuthorityError> {
    // The key's hash in the name: a peer of another installation, or of an earlier key, is then reported as
    // unknown and not as a forger.
    let hash = digest::digest(&digest::SHA256, &key.subject_public_key_info());
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("{subject}{}", hex(&hash.as_ref()[..4])));
    params.serial_number = Some(random_serial().ok_or(KeyError::Library("no randomness".into()))?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (from, until);
    Ok(params)
}

fn publish(dir: &Path, name: &str, key: &KeyPair, pem: &str) -> Result<(), StorageError> {
    files::publish_dir(dir, name, &[(KEY, key.serialize_pem().as_bytes()), (CERTIFICATE, pem.as_bytes())])
}

fn read_certificate(path: &Path) -> Result<(String, CertificateDer<'static>), AuthorityError> {
    let pem = files::read(path)?;
    let unreadable = || AuthorityError::Unreadable { path: path.into(), expected: "certificate" };
    let mut chain = parse_chain(&pem).ok_or_else(unreadable)?;
    let certificate = chain.pop().filter(|_| chain.is_empty()).ok_or_else(unreadable)?;
    parse_certificate(&certificate).map_err(|_| unreadable())?;
    Ok((pem, certificate))
}

fn check_in_force(dir: &Path, der: &[u8], now: OffsetDateTime) -> Result<OffsetDateTime, AuthorityError> {
    let unreadable = |_| AuthorityError::Unreadable { path: dir.into(), expected: "certificate" };
    let certificate = parse_certificate(der).map_err(unreadable)?;
    let validity = certificate.validity();
    let (from, until) = (validity.not_before.to_datetime(), validity.not_after.to_datetime());
    if now < from || now > until {
        return Err(AuthorityError::NotInForce { dir: dir.into(), from, until, now });
    }
    Ok(until)
}

/// The moment as certificates write it. Leaves room for every life that is added to it.
pub(crate) fn date(at: Timestamp) -> Result<OffsetDateTime, AuthorityError> {
    let date =
        OffsetDateTime::from_unix_timestamp(at.unix_seconds()).map_err(|_| AuthorityError::Time(at))?;
    if (1970..=9900).contains(&date.year()) { Ok(date) } else { Err(AuthorityError::Time(at)) }
}
