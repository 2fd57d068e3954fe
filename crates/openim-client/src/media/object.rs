//! The calls of the server's object storage, as they stand on the wire.

use base::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::rest::Api;

/// One member of a query or one header.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// What is allowed to whoever shows it, and for how long it is good is the storage's affair.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Sign {
    pub(super) url: String,
    pub(super) query: Vec<Pair>,
    pub(super) header: Vec<Pair>,
    pub(super) parts: Vec<SignedPart>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SignedPart {
    pub(super) part_number: i32,
    pub(super) url: String,
    pub(super) query: Vec<Pair>,
    pub(super) header: Vec<Pair>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Session {
    #[serde(rename = "uploadID")]
    pub(super) upload_id: String,
    pub(super) part_size: u64,
    pub(super) sign: Sign,
}

/// Either the storage has these bytes already and says where, or it wants them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Initiated {
    pub(super) url: String,
    pub(super) upload: Option<Session>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Initiate<'a> {
    pub(super) hash: &'a str,
    pub(super) size: u64,
    pub(super) part_size: u64,
    /// -1 signs all parts, 0 none.
    pub(super) max_parts: i32,
    pub(super) cause: &'a str,
    pub(super) name: &'a str,
    pub(super) content_type: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartSize {
    size: u64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Completed {
    url: String,
}

pub(super) async fn part_size(api: &Api, size: u64) -> Result<u64> {
    let answer: PartSize = api.read("/object/part_size", &json!({ "size": size })).await?;
    Ok(answer.size)
}

/// Beginning twice leaves an unfinished upload behind, which the storage throws away in its time.
pub(super) async fn initiate(api: &Api, what: &Initiate<'_>) -> Result<Initiated> {
    api.read("/object/initiate_multipart_upload", what).await
}

pub(super) async fn auth_sign(api: &Api, upload_id: &str, part_numbers: &[i32]) -> Result<Sign> {
    api.read("/object/auth_sign", &json!({ "uploadID": upload_id, "partNumbers": part_numbers })).await
}

pub(super) async fn complete(api: &Api, upload_id: &str, parts: &[String], what: &Initiate<'_>) -> Result<String> {
    let body = json!({
        "uploadID": upload_id,
        "parts": parts,
        "cause": what.cause,
        "name": what.name,
        "contentType": what.content_type,
    });
    let answer: Completed = api.post("/object/complete_multipart_upload", &body).await?;
    Ok(answer.url)
}
