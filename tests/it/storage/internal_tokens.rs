//! Tokens of internal services.

use super::{at, conformance};
use crate::harness::name;
use std::sync::Arc;
use tenure::{
    domain::{
        internal::{InternalToken, Role},
        token::TokenHash,
    },
    storage::Store,
};

conformance!(
    an_internal_token_is_read_as_it_was_added,
    internal_tokens_are_revoked_once_and_forgotten,
);

fn token(first: u8, role: Role, expires: i64) -> InternalToken {
    InternalToken {
        hash: TokenHash([first; 32]),
        name: name("values"),
        role,
        issued_at: at(i64::from(first)),
        expires_at: at(expires),
        revoked_at: None,
    }
}

async fn an_internal_token_is_read_as_it_was_added(store: Arc<dyn Store>) {
    let tokens = [
        token(0, Role::Reader, 10),
        token(127, Role::Writer, 20),
        token(255, Role::Operator, 30),
    ];
    for token in &tokens {
        store.add_internal(token).await.unwrap();
        let found = store.find_internal(&token.hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(token));
    }
    let mut all = store.internal().await.unwrap();
    all.reverse();
    assert_eq!(all, tokens, "the latest comes first");
    let other = store.find_internal(&TokenHash([1; 32])).await.unwrap();
    assert_eq!(other, None);
    // The two kinds of tokens are kept apart.
    assert_eq!(store.find(&tokens[0].hash).await.unwrap(), None);
}

async fn internal_tokens_are_revoked_once_and_forgotten(store: Arc<dyn Store>) {
    for (first, expires) in [(1, 10), (2, 20)] {
        let token = token(first, Role::Reader, expires);
        store.add_internal(&token).await.unwrap();
    }
    let one = TokenHash([1; 32]);
    assert_eq!(store.revoke_internal(&one, &one, at(5)).await.unwrap(), 1);
    assert_eq!(store.revoke_internal(&one, &one, at(6)).await.unwrap(), 0);
    let revoked = store.find_internal(&one).await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(at(5)));
    assert_eq!(store.forget_internal(at(15), 10).await.unwrap(), 1);
    assert_eq!(store.find_internal(&one).await.unwrap(), None);
    assert_eq!(store.internal().await.unwrap().len(), 1);
}
