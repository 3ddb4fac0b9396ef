//! The gateway's own certificate: issued at the start, renewed at two thirds of its life while the server runs. Links
//! that are open keep what they were greeted with.

use std::sync::Arc;
use std::time::Duration;

use vinr_pki::{IdentityError, IssueError, ServerIdentity, ServerNames, TlsError, gateway_config_with};

use super::Identities;

/// How often the certificate's age is looked at. A machine that slept through its renewal notices within this time.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);
/// How soon a renewal that failed is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The gateway cannot be given a certificate.
#[derive(Debug, thiserror::Error)]
pub enum GatewayTlsError {
    /// The server has no authority.
    #[error("this server was started without a certificate authority")]
    NoAuthority,
    /// The names are at fault, or the authority.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The certificate cannot be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Identities {
    /// What the gateway accepts terminals with, under these names; its certificate is renewed until the platform
    /// ends.
    ///
    /// # Errors
    /// [`GatewayTlsError`]
    pub fn gateway_tls(&self, names: &ServerNames) -> Result<Arc<rustls::ServerConfig>, GatewayTlsError> {
        let authority = self.authority.as_ref().ok_or(GatewayTlsError::NoAuthority)?;
        let identity = ServerIdentity::new(&authority.issue_server(names, self.now())?)?;
        let config = gateway_config_with(authority, &identity, Arc::clone(&self.denied))?;
        self.office.tasks.spawn(renew(self.clone(), identity, names.clone()));
        Ok(config)
    }

    /// Replaces the certificate if its time has come.
    ///
    /// # Errors
    /// [`GatewayTlsError`]; the old certificate stays.
    pub fn renew_gateway(
        &self,
        identity: &ServerIdentity,
        names: &ServerNames,
    ) -> Result<(), GatewayTlsError> {
        let now = self.now();
        let facts = identity.facts()?;
        if now < facts.renew_at() {
            return Ok(());
        }
        let authority = self.authority.as_ref().ok_or(GatewayTlsError::NoAuthority)?;
        identity.replace(&authority.issue_server(names, now)?)?;
        tracing::info!(replaced = facts.serial, "the gateway has a new certificate");
        Ok(())
    }
}

async fn renew(identities: Identities, identity: ServerIdentity, names: ServerNames) {
    loop {
        let pause = match identities.renew_gateway(&identity, &names) {
            Ok(()) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "the gateway's certificate cannot be renewed; it is tried again");
                AGAIN_AFTER
            }
        };
        tokio::time::sleep(pause).await;
    }
}
