//! Texts that only this gateway can have written: each bound to what it is for.

use crate::config::SessionKey;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// The key.
pub(super) struct Key(hmac::Key);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    pub(super) fn new(key: &SessionKey) -> Self {
        Self::of_bytes(key.bytes())
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// What shows that this was said for that purpose: 32 bytes.
    pub(super) fn tag(&self, purpose: &str, text: &str) -> hmac::Tag {
        hmac::sign(&self.0, &said(purpose, text))
    }

    /// Whether it was. The time that this takes tells nothing.
    fn verify(&self, purpose: &str, text: &str, tag: &str) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(tag);
        tag.is_ok_and(|tag| hmac::verify(&self.0, &said(purpose, text), &tag).is_ok())
    }

    /// The text with its tag, fit for a cookie.
    pub(super) fn seal(&self, purpose: &str, text: &[u8]) -> String {
        let text = URL_SAFE_NO_PAD.encode(text);
        let tag = URL_SAFE_NO_PAD.encode(self.tag(purpose, &text));
        format!("{tag}.{text}")
    }

    /// The text that was sealed for this purpose, if it was.
    pub(super) fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let (tag, text) = sealed.split_once('.')?;
        let is_ours = self.verify(purpose, text, tag);
        is_ours.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()
    }
}

/// No purpose has a zero in it, so nothing can be said in two ways.
fn said(purpose: &str, text: &str) -> Vec<u8> {
    [purpose.as_bytes(), &[0], text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_with_the_key_for_the_purpose_opens() {
        let (key, other) = (Key::of_bytes(&[1; 32]), Key::of_bytes(&[2; 32]));
        let sealed = key.seal("a", b"text");
        assert_eq!(key.open("a", &sealed).unwrap(), b"text");
        assert_eq!(key.open("b", &sealed), None);
        assert_eq!(other.open("a", &sealed), None);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key.open("a", &changed), None, "{changed}");
        }
        for text in ["", ".", "a", &sealed[..43], &format!("{sealed}.{sealed}")] {
            assert_eq!(key.open("a", text), None, "{text}");
        }
    }
}
