//! What shows that a form is of this session.

use super::signed::Key;
use crate::ambient::{self, NoEntropy};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What it is a tag for.
const PURPOSE: &str = "csrf";

/// The length of the tag and of its mask, in bytes.
const LENGTH: usize = 32;

/// A tag of the session's token, which the token alone makes. As it is shown it is masked, each time by other random bytes: a
/// page is compressed together with what its address says, and by the length of that one could else find out the tag bit by
/// bit (BREACH).
#[derive(Clone)]
pub(super) struct Csrf {
    tag: Vec<u8>,
    shown: String,
}

impl std::fmt::Debug for Csrf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Csrf(..)")
    }
}

impl Csrf {
    /// That of the session with this token.
    pub(super) fn new(key: &Key, token: &str) -> Result<Self, NoEntropy> {
        let tag = key.tag(PURPOSE, token).as_ref().to_vec();
        let mask = ambient::bits()?;
        let shown = URL_SAFE_NO_PAD.encode([&mask[..], &masked(&mask, &tag)].concat());
        Ok(Self { tag, shown })
    }

    /// As forms carry it: 86 characters.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether this was shown in this session, by whatever mask. The time that it takes tells nothing.
    pub(super) fn is(&self, shown: &str) -> bool {
        let Ok(shown) = URL_SAFE_NO_PAD.decode(shown) else {
            return false;
        };
        if shown.len() != 2 * LENGTH {
            return false;
        }
        let (mask, tag) = shown.split_at(LENGTH);
        verify_slices_are_equal(&masked(mask, tag), &self.tag).is_ok()
    }
}

fn masked(mask: &[u8], bytes: &[u8]) -> Vec<u8> {
    mask.iter().zip(bytes).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_differs_each_time_and_is_of_one_session() {
        let key = Key::of_bytes(&[1; 32]);
        let (one, again) = (Csrf::new(&key, "a").unwrap(), Csrf::new(&key, "a").unwrap());
        let other = Csrf::new(&key, "b").unwrap();
        assert_ne!(one.shown(), again.shown());
        assert_eq!(one.shown().len(), 86);
        assert!(one.is(again.shown()) && again.is(one.shown()));
        assert!(!one.is(other.shown()) && !other.is(one.shown()));
        let stranger = Csrf::new(&Key::of_bytes(&[2; 32]), "a").unwrap();
        assert!(!one.is(stranger.shown()));
        let long = format!("{}AA", one.shown());
        for text in ["", "x", &one.shown()[..43], &one.shown()[..84], &long] {
            assert!(!one.is(text), "{text}");
        }
    }
}
