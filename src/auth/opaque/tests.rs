use super::*;
use crate::domain::{
    Instant,
    internal::{InternalToken, Role},
    name::{ServiceName, UserId},
    token::TokenRecord,
};
use futures_util::future::join_all;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// A store that answers as it is told to, once it is told to.
struct Fake {
    answer: Mutex<storage::Result<Option<InternalToken>>>,
    go: Notify,
    asked: AtomicUsize,
}

impl Fake {
    fn new(answer: storage::Result<Option<InternalToken>>) -> Arc<Self> {
        Arc::new(Self {
            answer: Mutex::new(answer),
            go: Notify::new(),
            asked: AtomicUsize::new(0),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl InternalTokens for Fake {
    async fn find_internal(&self, _: &TokenHash) -> storage::Result<Option<InternalToken>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.go.notified().await;
        self.answer.lock().unwrap().clone()
    }

    async fn add_internal(&self, _: &InternalToken) -> storage::Result<()> {
        unreachable!()
    }

    async fn internal(&self) -> storage::Result<Vec<InternalToken>> {
        unreachable!()
    }

    async fn revoke_internal(
        &self,
        _: &TokenHash,
        _: &TokenHash,
        _: Instant,
    ) -> storage::Result<u64> {
        unreachable!()
    }

    async fn forget_internal(&self, _: Instant, _: u32) -> storage::Result<u64> {
        unreachable!()
    }
}

#[async_trait::async_trait]
impl Tokens for Fake {
    async fn find(&self, _: &TokenHash) -> storage::Result<Option<TokenRecord>> {
        unreachable!()
    }

    async fn of_user(&self, _: &UserId) -> storage::Result<Vec<TokenRecord>> {
        unreachable!()
    }

    async fn revoke(&self, _: &TokenHash, _: &TokenHash, _: Instant) -> storage::Result<u64> {
        unreachable!()
    }

    async fn forget(&self, _: Instant, _: u32) -> storage::Result<u64> {
        unreachable!()
    }
}

fn token() -> InternalToken {
    let now = crate::ambient::System.now();
    InternalToken {
        hash: TokenHash([0; 32]),
        name: ServiceName::parse("values").unwrap(),
        role: Role::Reader,
        issued_at: now,
        expires_at: now + Duration::from_mins(1),
        revoked_at: None,
    }
}

fn verifier(store: &Arc<Fake>) -> OpaqueTokens<Fake> {
    OpaqueTokens::new(Arc::clone(store), Arc::new(crate::ambient::System))
}

/// Many callers of one token, who are all there before the store answers.
async fn crowd(verifier: &OpaqueTokens<Fake>, store: &Fake) -> Vec<Result<Principal, Error>> {
    let hash = TokenHash([0; 32]);
    let calls = join_all((0..64).map(|_| verifier.internal(hash)));
    // The calls are polled first, and then the store is let go.
    let (answers, ()) = tokio::join!(biased; calls, async { store.go.notify_waiters() });
    answers
}

#[tokio::test]
async fn those_who_call_with_one_token_at_once_wait_for_one_look_up() {
    let store = Fake::new(Ok(Some(token())));
    let answers = crowd(&verifier(&store), &store).await;
    assert_eq!(answers.len(), 64);
    for answer in answers {
        assert!(matches!(answer, Ok(Principal::Internal(_))), "{answer:?}");
    }
    assert_eq!(store.asked(), 1);
}

#[tokio::test]
async fn a_look_up_that_fails_tells_all_who_wait_why_and_is_done_again() {
    let lost = storage::Error::Unavailable(Arc::from(Box::from("gone")));
    let odd = storage::Error::Inconsistent {
        table: "internal_token",
        reason: "odd".to_owned(),
    };
    let store = Fake::new(Ok(None));
    let verifier = verifier(&store);
    let answer = |answer| *store.answer.lock().unwrap() = answer;
    for _ in 0..2 {
        answer(Err(lost.clone()));
        let failed = crowd(&verifier, &store).await;
        assert!(
            failed
                .iter()
                .all(|a| matches!(a, Err(Error::Unavailable(_))))
        );
        answer(Err(odd.clone()));
        let failed = crowd(&verifier, &store).await;
        assert!(failed.iter().all(|a| matches!(a, Err(Error::Internal(_)))));
    }
    answer(Ok(Some(token())));
    let found = crowd(&verifier, &store).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(store.asked(), 5);
}

#[tokio::test]
async fn what_opens_nothing_is_not_remembered() {
    let now = crate::ambient::System.now();
    let revoked = InternalToken {
        revoked_at: Some(now),
        ..token()
    };
    let expired = InternalToken {
        expires_at: now,
        ..token()
    };
    for answer in [None, Some(revoked), Some(expired)] {
        let store = Fake::new(Ok(answer));
        let verifier = verifier(&store);
        for asked in 1..=2 {
            let refused = crowd(&verifier, &store).await;
            assert!(refused.iter().all(|a| matches!(a, Err(Error::Invalid))));
            assert_eq!(store.asked(), asked);
        }
        verifier.remembered.run_pending_tasks().await;
        assert_eq!(verifier.remembered.entry_count(), 0);
    }
}
