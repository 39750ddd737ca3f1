//! Embedded files under addresses that hold their checksum, so that browsers keep them for good.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "../../assets/dist"]
struct Files;

/// One file as it is sent.
struct Asset {
    body: Cow<'static, [u8]>,
    media_type: &'static str,
}

/// Characters of the checksum in an address: 32 bits tell two editions of one file apart.
const TAG_LENGTH: usize = 8;

/// Address → file.
static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let tag: String =
                file.metadata.sha256_hash().iter().map(|byte| format!("{byte:02x}")).collect();
            let (stem, ending) = name.rsplit_once('.')?;
            let address = format!("{stem}.{}.{ending}", tag.get(..TAG_LENGTH)?);
            Some((address, Asset { body: file.data, media_type: media_type(ending) }))
        })
        .collect()
});

/// Name → address.
static ADDRESSES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    ASSETS
        .keys()
        .filter_map(|address| {
            let (stem, rest) = address.split_once('.')?;
            let (_, ending) = rest.split_once('.')?;
            Some((format!("{stem}.{ending}"), format!("/assets/{address}")))
        })
        .collect()
});

fn media_type(ending: &str) -> &'static str {
    match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The address of an embedded file by its plain name (`app.css`); empty if there is none.
#[must_use]
pub fn address(name: &str) -> &'static str {
    ADDRESSES.get(name).map_or("", String::as_str)
}

/// Sends one file; it never changes under its address.
pub(crate) async fn send(Path(address): Path<String>) -> Response {
    match ASSETS.get(&address) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.body.clone(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, address};
    use std::io::Write;

    fn packed(name: &str) -> usize {
        let file = Files::get(name).unwrap();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&file.data).unwrap();
        packer.finish().unwrap().len()
    }

    #[test]
    fn every_file_has_an_address_with_its_checksum() {
        for name in Files::iter() {
            let found = address(&name);
            assert!(found.starts_with("/assets/") && found.len() > name.len() + 8, "{name}");
        }
    }

    #[test]
    fn weights_stay_in_the_budget() {
        // Page budget 60 KB on a first visit: style 10, script 25, icons 3.
        for (name, limit) in
            [("app.css", 10_240), ("app.js", 3_072), ("htmx.js", 16_384), ("icons.svg", 3_072)]
        {
            assert!(packed(name) <= limit, "{name} has {} bytes", packed(name));
        }
    }
}
