//! What signing in brings.

use super::Violations;
use crate::proto::StartSessionRequest;
use tonic::Status;

/// The ID token and the nonce.
pub(in crate::grpc) fn session_request(
    request: StartSessionRequest,
) -> Result<(String, String), Status> {
    let StartSessionRequest { id_token, nonce } = request;
    let mut violations = Violations::default();
    for (field, text) in [("id_token", &id_token), ("nonce", &nonce)] {
        if text.is_empty() {
            violations.add(field, "must not be empty");
        }
    }
    violations.none()?;
    Ok((id_token, nonce))
}
