//! The `authorization` metadata, and what becomes of it in a call that goes on for long.

use crate::auth::{self, Principal, Verifier};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval_at, timeout};
use tonic::metadata::MetadataMap;

/// Whether a token is shown, be it a good one or not.
pub(super) fn has_token(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// The token of `Bearer TOKEN`; the scheme in any case (RFC 9110, section 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, auth::Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(auth::Error::Missing)?;
    if values.next().is_some() {
        return Err(auth::Error::Invalid);
    }
    let value = value.to_str().map_err(|_| auth::Error::Invalid)?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(auth::Error::Missing)
    }
}

/// What let a caller in, for a call that goes on for so long that it is to be looked at again.
#[derive(Clone)]
pub(in crate::grpc) struct Credentials {
    verifier: Arc<dyn Verifier>,
    /// None is the certificate of the connection.
    token: Option<Arc<str>>,
}

impl Credentials {
    /// What a call with this metadata was let in with.
    pub(in crate::grpc) fn of(
        metadata: &MetadataMap,
        verifier: &Arc<dyn Verifier>,
    ) -> Result<Self, auth::Error> {
        let headers = metadata.as_ref();
        let token = has_token(headers).then(|| bearer(headers)).transpose()?;
        let (token, verifier) = (token.map(Arc::from), Arc::clone(verifier));
        Ok(Self { verifier, token })
    }

    /// Waits until what is this principal's lets nobody in any more: until its time is over, or a token is found to be
    /// revoked.
    pub(in crate::grpc) async fn refused(self, principal: &Principal, every: Duration) {
        let remaining = self.verifier.remaining(principal);
        let _ = timeout(remaining, self.revoked(every)).await;
    }

    /// Looks every so often. Only a plain no is one: a database that is out of reach has revoked nothing.
    async fn revoked(&self, every: Duration) {
        let Some(token) = &self.token else {
            return std::future::pending().await;
        };
        let mut turns = interval_at((Instant::now() + every).into(), every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            let verified = timeout(every, self.verifier.verify(token)).await;
            if let Ok(Err(auth::Error::Invalid)) = verified {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{Error, Internal},
        domain::{Instant, internal::Role, name::ServiceName},
    };
    use std::{collections::VecDeque, sync::Mutex};

    /// Gives these answers, and then none any more.
    struct Scripted {
        answers: Mutex<VecDeque<Result<Principal, Error>>>,
        remaining: Duration,
    }

    #[async_trait::async_trait]
    impl Verifier for Scripted {
        async fn verify(&self, token: &str) -> Result<Principal, Error> {
            assert_eq!(token, "secret");
            let answer = self.answers.lock().unwrap().pop_front();
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }

        fn remaining(&self, _: &Principal) -> Duration {
            self.remaining
        }
    }

    fn principal() -> Principal {
        Principal::Internal(Internal {
            name: ServiceName::parse("values").unwrap(),
            role: Role::Reader,
            issued_at: Instant::UNIX_EPOCH,
            expires_at: Instant::UNIX_EPOCH,
        })
    }

    const LONG: Duration = Duration::from_secs(20);

    /// Waits for the refusal; how many of the answers are left then.
    async fn refused<const N: usize>(
        answers: [Result<Principal, Error>; N],
        remaining: Duration,
    ) -> usize {
        let scripted = Arc::new(Scripted {
            answers: Mutex::new(answers.into()),
            remaining,
        });
        let credentials = Credentials {
            verifier: Arc::clone(&scripted) as Arc<dyn Verifier>,
            token: Some(Arc::from("secret")),
        };
        let principal = principal();
        let every = Duration::from_millis(1);
        let refused = timeout(LONG, credentials.refused(&principal, every));
        refused.await.unwrap();
        scripted.answers.lock().unwrap().len()
    }

    #[tokio::test]
    async fn only_a_plain_no_is_a_refusal() {
        let unavailable = || Err(Error::Unavailable("out of reach".into()));
        let answers = [
            Ok(principal()),
            unavailable(),
            Err(Error::Internal("a fault".into())),
            unavailable(),
            Err(Error::Invalid),
            Ok(principal()),
        ];
        assert_eq!(refused(answers, Duration::MAX).await, 1);
    }

    #[tokio::test]
    async fn a_token_ends_at_its_time_though_nobody_answers() {
        refused([], Duration::from_millis(50)).await;
    }
}
