//! What is behind the edge of an instance: for tokens that no test can have, of an authorization server that is not there.

use std::sync::Arc;
use tenure::{
    app::App,
    service::{Admission, Ownership},
};

#[derive(Clone)]
pub struct Side {
    pub ownership: Ownership,
    pub admission: Arc<Admission>,
}

impl Side {
    pub fn of(app: &App) -> Self {
        Self {
            ownership: app.ownership().clone(),
            admission: Arc::clone(app.admission()),
        }
    }
}
