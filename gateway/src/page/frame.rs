//! What every page has around it.

/// What the layout shows, and every form carries.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Who is signed in.
    pub(super) user: String,
    /// What shows that a form is of this session.
    pub(super) csrf: String,
}
