//! Static files, compiled in, each under an address that carries the hash of its content so that browsers may keep it.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

struct Asset {
    name: &'static str,
    /// `portal-0123456789abcdef.css`
    file: String,
    media_type: &'static str,
    bytes: &'static [u8],
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("portal.css", "text/css; charset=utf-8", include_bytes!("../assets/portal.css")),
        asset("page.js", "text/javascript; charset=utf-8", include_bytes!("../assets/page.js")),
        asset("chat.js", "text/javascript; charset=utf-8", include_bytes!("../assets/chat.js")),
        asset("seal.svg", "image/svg+xml", include_bytes!("../assets/seal.svg")),
    ]
});

fn asset(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex::encode(Sha256::digest(bytes));
    let short = digest.get(..16).unwrap_or(&digest);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name, file: format!("{stem}-{short}.{extension}"), media_type, bytes }
}

/// The address of the file of that name.
pub(crate) fn address(name: &str) -> String {
    let file = ASSETS.iter().find(|asset| asset.name == name).map_or(name, |asset| asset.file.as_str());
    format!("/assets/{file}")
}

/// Every file under its served name, for previews written to a folder.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ASSETS.iter().map(|asset| (asset.file.as_str(), asset.bytes))
}

/// `GET /assets/{file}`
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.file == file) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub(crate) async fn favicon() -> Response {
    (
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")],
        include_bytes!("../assets/seal.svg").as_slice(),
    )
        .into_response()
}
