//! Why an item of a batch fails, in the words of the contract ("The batch law").

/// What the contract calls it, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `not_found`, say.
    pub code: &'static str,
    /// What people are told.
    pub sentence: String,
}

impl Failure {
    /// An item that fails with this code and this sentence.
    pub fn new(code: &'static str, sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { code, sentence }
    }

    /// A field is there, and is wrong.
    pub fn validation(sentence: impl Into<String>) -> Self {
        Self::new("validation", sentence)
    }

    /// Fields are not there; `index` is the item's place in the batch, from 0.
    #[must_use]
    pub fn missing(index: usize, fields: &[&str]) -> Self {
        let fields: Vec<_> = fields.iter().map(|field| format!("'{field}'")).collect();
        let fields = fields.join(", ");
        let sentence = format!("Object at index {index} missing field(s) {fields}");
        Self::new("missing_field", sentence)
    }

    /// The user has no such attribute.
    #[must_use]
    pub fn not_found(name: &str) -> Self {
        let sentence = format!("User doesn't have an attribute named '{name}'");
        Self::new("not_found", sentence)
    }

    /// Another service owns the attribute, or nobody.
    #[must_use]
    pub fn not_owned(name: &str) -> Self {
        let sentence = format!("Attribute '{name}' does not belong to this service");
        Self::new("unauthorised", sentence)
    }

    /// The token does not cover the attribute, which is in this group.
    #[must_use]
    pub fn not_allowed(group: &str) -> Self {
        let sentence = format!("No permission to write to attributes in group '{group}'");
        Self::new("not_allowed", sentence)
    }
}
