//! Issues, stores and checks the identities of devices, Local API clients, servers and signers of software, and hands out the TLS
//! configurations that enforce them. Nothing else makes certificates. This crate opens no socket and, outside a
//! handshake (where rustls asks the system for the time), reads no clock.

mod authority;
mod certificate;
mod client;
mod cloud_verifier;
mod deny;
mod device;
mod files;
mod identity;
mod issue;
mod lan_tls;
mod listener;
mod peer;
mod pkcs12;
pub mod software;
mod tls;
mod verifier;

pub use authority::{Authority, AuthorityError};
pub use certificate::{Credential, CredentialError, IssuedCertificate};
pub use client::{ClientAnchors, ClientFault, ClientIdentity, ClientName, ClientNameError, judge_client};
pub use deny::{DenyError, DenySet};
pub use device::{BundleError, DeviceBundle, DeviceKey, KeyError};
pub use files::StorageError;
pub use identity::{DeviceIdentity, IdentityError, LeafFacts, LinkIdError, leaf_facts, peer_identity};
pub use issue::{IssueError, ServerNames, check_request};
pub use lan_tls::{ListenerRefusal, lan_server_config, looking_client_config, till_client_config};
pub use listener::{is_local, listener_host, listener_identity};
pub use peer::{PeerFacts, peer_facts};
pub use pkcs12::{BundlingError, OpeningError, draw_passphrase};
pub use tls::{
    ServerIdentity, TlsError, api_client_config, api_server_config, device_client_config,
    gateway_config_with, gateway_server_config,
};
pub use verifier::{DeviceRefusal, refusal};
