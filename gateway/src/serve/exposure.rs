//! What must not be without TLS.

use std::net::SocketAddr;

/// An address that others can reach, and on which bearer tokens would be sent for all on the way to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} can be reached from elsewhere and has no TLS; set --tls-certificate and --tls-key, or --insecure where \
     something else protects it"
)]
pub struct Exposed {
    /// Which.
    pub address: SocketAddr,
}

/// Whether a listener may be at this address: with TLS anywhere, without at a loopback address, unless it is
/// `insecure`, which is told in the log.
///
/// # Errors
/// [`Exposed`].
pub fn guard(address: SocketAddr, has_tls: bool, is_insecure: bool) -> Result<(), Exposed> {
    if has_tls || address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    if !is_insecure {
        return Err(Exposed { address });
    }
    tracing::warn!(%address, "insecure: whoever is on the way can read the tokens that are sent here");
    Ok(())
}
