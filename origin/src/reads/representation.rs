//! A product as it is answered, made once for each read of the database and not for each answer.

use axum::http::HeaderValue;
use bytes::Bytes;
use shared::product::Product;

/// What an answer shows. To clone it copies nothing.
#[derive(Debug, Clone)]
pub struct Representation {
    /// Its entity tag, as [`etag`] writes it.
    pub etag: HeaderValue,
    /// What its copies are purged by.
    pub cache_tag: HeaderValue,
    /// The product as JSON, its members in the documented order.
    pub json: Bytes,
}

impl Representation {
    /// Of a product. The error is that it can't be written.
    pub fn of(product: &Product) -> anyhow::Result<Self> {
        Ok(Self {
            etag: HeaderValue::try_from(etag(product))?,
            cache_tag: HeaderValue::try_from(format!("product:{}", product.id))?,
            json: serde_json::to_vec(product)?.into(),
        })
    }
}

/// The tag of a product's representation: its version and its class of stock, which changes
/// without a new version.
pub fn etag(product: &Product) -> String {
    format!("\"{}-{}\"", product.version, product.availability.as_str())
}
