//! What protects the listeners: TLS, certificates of clients, and limits.

mod authority;
mod crowd;
mod exposure;
mod http2;
mod mutual;
mod overload;
mod peer;
mod rates;
mod reload;
mod tls;

use crate::harness::{Database, Tenure};
use authority::{Authority, Files};
use tenure::app::Config;

/// A Tenure with TLS, the files of its certificate, and who signed that.
pub struct Secured {
    pub t: Tenure,
    pub files: Files,
    pub authority: Authority,
}

/// On SQLite: storage has no part in it.
pub async fn secured(change: impl FnOnce(&mut Config)) -> Secured {
    let authority = Authority::new("server");
    let files = Files::new(&authority);
    let t = Tenure::start_with(Database::sqlite(), |config| {
        config.listening.tls = Some(files.tls());
        change(config);
    });
    Secured {
        t: t.await,
        files,
        authority,
    }
}
