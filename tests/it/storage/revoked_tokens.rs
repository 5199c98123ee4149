//! Tokens of outside authorization servers that are refused before their time.

use super::{at, conformance};
use std::sync::Arc;
use tenure::{
    domain::{token::TokenHash, withdrawal::RevokedToken},
    storage::Store,
};

conformance!(
    a_revoked_token_is_found_until_it_is_forgotten,
    of_two_ends_the_later_counts,
);

fn token(byte: u8, expires: i64) -> RevokedToken {
    RevokedToken {
        hash: TokenHash([byte; 32]),
        revoked_at: at(0),
        expires_at: at(expires),
    }
}

async fn a_revoked_token_is_found_until_it_is_forgotten(store: Arc<dyn Store>) {
    for (byte, expires) in [(1, 10), (2, 20), (3, 30)] {
        store.add_revoked(&token(byte, expires)).await.unwrap();
    }
    let revoked = async |byte| store.is_revoked(&TokenHash([byte; 32])).await.unwrap();
    assert!(revoked(1).await && revoked(2).await && revoked(3).await);
    assert!(!revoked(4).await);
    assert_eq!(store.find(&TokenHash([1; 32])).await.unwrap(), None);
    assert_eq!(store.forget_revoked(at(25), 1).await.unwrap(), 1);
    assert!(!revoked(1).await && revoked(2).await);
    assert_eq!(store.forget_revoked(at(25), 9).await.unwrap(), 1);
    assert_eq!(store.forget_revoked(at(30), 9).await.unwrap(), 0);
    assert!(revoked(3).await);
}

async fn of_two_ends_the_later_counts(store: Arc<dyn Store>) {
    for expires in [20, 30, 10] {
        store.add_revoked(&token(1, expires)).await.unwrap();
    }
    assert_eq!(store.forget_revoked(at(30), 9).await.unwrap(), 0);
    assert_eq!(store.forget_revoked(at(31), 9).await.unwrap(), 1);
}
