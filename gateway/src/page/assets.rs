//! Stylesheet, scripts and icon: files in the program, each named by what is in it, so that a browser may keep it for ever.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName},
};
use sha2::{Digest as _, Sha256};
use std::{fmt::Write as _, sync::LazyLock};

/// A file, and where it is.
#[derive(Debug)]
struct Asset {
    name: String,
    media_type: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(stem: &str, suffix: &str, media_type: &'static str, text: &'static str) -> Self {
        let mut hash = String::new();
        for byte in &Sha256::digest(text)[..8] {
            let _ = write!(hash, "{byte:02x}");
        }
        Self {
            name: format!("{stem}.{hash}.{suffix}"),
            media_type,
            text,
        }
    }

    fn path(&self) -> String {
        format!("/account/assets/{}", self.name)
    }
}

/// All of them, by what they are for.
#[derive(Debug)]
struct Assets {
    style: Asset,
    script: Asset,
    htmx: Asset,
    icon: Asset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    Assets {
        style: Asset::new(
            "page",
            "css",
            "text/css; charset=utf-8",
            include_str!("../../assets/page.css"),
        ),
        script: Asset::new("page", "js", SCRIPT, include_str!("../../assets/page.js")),
        htmx: Asset::new("htmx", "js", SCRIPT, include_str!("../../assets/htmx.js")),
        icon: Asset::new(
            "icon",
            "svg",
            "image/svg+xml",
            include_str!("../../assets/icon.svg"),
        ),
    }
});

/// Where the stylesheet is.
pub(super) fn style() -> String {
    ASSETS.style.path()
}

/// Where our own script is.
pub(super) fn script() -> String {
    ASSETS.script.path()
}

/// Where htmx is.
pub(super) fn htmx() -> String {
    ASSETS.htmx.path()
}

/// Where the icon is.
pub(super) fn icon() -> String {
    ASSETS.icon.path()
}

/// Sends a file.
pub(super) async fn handle(Path(name): Path<String>) -> Response {
    let Assets {
        style,
        script,
        htmx,
        icon,
    } = &*ASSETS;
    let Some(asset) = [style, script, htmx, icon]
        .into_iter()
        .find(|asset| asset.name == name)
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let of_it: [(HeaderName, HeaderValue); 2] = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (of_it, asset.text).into_response()
}
