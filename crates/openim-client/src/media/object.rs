//! The calls of the server's object storage, as they stand on the wire.

use base::Result;
use serde::Serialize;
use serde_json::json;

use crate::rest::Api;
use crate::shape::shape;

shape! {
    /// One member of a query or one header.
    #[derive(Debug, Clone, Default)]
    pub(super) struct Pair {
        pub(super) key: String = "key" (String::new()),
        pub(super) values: Vec<String> = "values" (Vec::new()),
    }

    /// What is allowed to whoever shows it, and for how long it is good is the storage's affair.
    #[derive(Debug, Default)]
    pub(super) struct Sign {
        pub(super) url: String = "url" (String::new()),
        pub(super) query: Vec<Pair> = "query" (Vec::new()),
        pub(super) header: Vec<Pair> = "header" (Vec::new()),
        pub(super) parts: Vec<SignedPart> = "parts" (Vec::new()),
    }

    #[derive(Debug, Clone, Default)]
    pub(super) struct SignedPart {
        pub(super) part_number: i32 = "partNumber" (0),
        pub(super) url: String = "url" (String::new()),
        pub(super) query: Vec<Pair> = "query" (Vec::new()),
        pub(super) header: Vec<Pair> = "header" (Vec::new()),
    }

    #[derive(Debug, Default)]
    pub(super) struct Session {
        pub(super) upload_id: String = "uploadID" (String::new()),
        pub(super) part_size: u64 = "partSize" (0),
        pub(super) sign: Sign = "sign" (Sign::default()),
    }

    /// Either the storage has these bytes already and says where, or it wants them.
    #[derive(Debug, Default)]
    pub(super) struct Initiated {
        pub(super) url: String = "url" (String::new()),
        pub(super) upload: Option<Session> = "upload" (None),
    }
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

shape! {
    struct PartSize {
        size: u64 = "size",
    }

    #[derive(Default)]
    struct Completed {
        url: String = "url" (String::new()),
    }
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
