//! `/object`: uploading through signed URLs, names, and the way back to what they point to.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use crate::http::api::{Body, Reply, some};
use crate::limits::{HEADER_SIGNATURE_LIFE_MS, PART_MAX, PARTS_MAX, UPLOAD_LIFE_MS};
use crate::model::objects::{Form, Incomplete, Upload, check_name, part_size};
use crate::model::signing::STORAGE_PREFIX;
use crate::refusal::Refusal;

const FILE_UPLOADED_EXPIRED: i32 = 1701;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/object/part_limit" => some(json!({
            "minPartSize": call.model.config.min_part_size, "maxPartSize": PART_MAX, "maxNumSize": PARTS_MAX,
        })),
        "/object/part_size" => {
            call.with(body, |call, params: &Params| some(json!({ "size": part_size_of(call, params.size)? })))
        }
        "/object/initiate_multipart_upload" => call.with(body, initiate_multipart_upload),
        "/object/auth_sign" => call.with(body, auth_sign),
        "/object/complete_multipart_upload" => call.with(body, complete_multipart_upload),
        "/object/access_url" => call.with(body, access_url),
        "/object/initiate_form_data" => call.with(body, initiate_form_data),
        "/object/complete_form_data" => call.with(body, complete_form_data),
        _ => return None,
    })
}

/// The members of all these calls; each uses its own.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Params {
    hash: String,
    size: i64,
    max_parts: i64,
    name: String,
    content_type: String,
    #[serde(rename = "uploadID")]
    upload_id: String,
    part_numbers: Vec<u32>,
    parts: Vec<String>,
    id: String,
}

/// Uncoded errors of the real service come as 500 with a text.
fn uncoded(why: &str) -> Refusal {
    Refusal::internal(why)
}

fn part_size_of(call: &Call<'_>, size: i64) -> Result<u64, Refusal> {
    let size = u64::try_from(size).unwrap_or_default();
    if size == 0 {
        return Err(uncoded("size must be greater than 0"));
    }
    part_size(size, call.model.config.min_part_size, PART_MAX).ok_or_else(|| uncoded("size is too large"))
}

/// Everybody writes below the own id only.
fn check_own_name(call: &Call<'_>, name: &str) -> Result<(), Refusal> {
    check_name(name).map_err(Refusal::args)?;
    if call.is_admin() || name.starts_with(&format!("{}/", call.me())) {
        return Ok(());
    }
    Err(Refusal::no_permission(format!("name must begin with {}/", call.me())))
}

fn initiate_multipart_upload(call: &mut Call<'_>, params: &Params) -> Reply {
    check_own_name(call, &params.name)?;
    let part_size = part_size_of(call, params.size)?;
    if params.hash.len() != 32 || !params.hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(uncoded("invalid md5"));
    }
    let hash = params.hash.to_ascii_lowercase();
    let now = call.model.now_ms();
    let upload = Upload {
        owner: call.me(),
        hash: hash.clone(),
        size: params.size.unsigned_abs(),
        part_size,
        expires_ms: now + UPLOAD_LIFE_MS,
        parts: std::collections::BTreeMap::new(),
    };
    let count = upload.part_count();
    // The real check is inverted: a limit above the number of parts is refused.
    if params.max_parts > i64::from(count) {
        return Err(uncoded("too many parts"));
    }
    if call.model.objects.content(&hash).is_some() {
        call.model.objects.name(&params.name, &hash, &params.content_type);
        return some(json!({ "url": final_url(call, &params.name), "upload": null }));
    }
    let (single, expires) = (upload.is_single(), upload.expires_ms);
    let id = call.model.fresh_id("upload");
    if !call.model.objects.begin(&id, upload, now) {
        return Err(uncoded("too many uploads are under way"));
    }
    let numbers: Vec<u32> = match params.max_parts {
        0 => Vec::new(),
        _ => (1..=count).collect(),
    };
    let sign = if single { single_sign(call, &id) } else { multipart_sign(call, &id, &numbers) };
    let upload = json!({ "uploadID": id, "partSize": part_size, "expireTime": expires, "sign": sign });
    some(json!({ "url": "", "upload": upload }))
}

/// One URL that carries everything.
fn single_sign(call: &Call<'_>, id: &str) -> Value {
    let path = format!("parts/{id}/1");
    let url = call.model.signed_url(&call.origin, &call.model.signed_operation("PUT", &path, UPLOAD_LIFE_MS));
    json!({
        "url": "", "query": null, "header": null,
        "parts": [{ "partNumber": 1, "url": url, "query": null, "header": null }],
    })
}

/// As MinIO has it: one URL for all parts, and for each of them its number and a signature in headers.
fn multipart_sign(call: &Call<'_>, id: &str, numbers: &[u32]) -> Value {
    let parts: Vec<_> = numbers
        .iter()
        .map(|number| {
            let path = format!("parts/{id}/{number}");
            let operation = call.model.signed_operation("PUT", &path, HEADER_SIGNATURE_LIFE_MS);
            json!({
                "partNumber": number,
                "url": "",
                "query": [{ "key": "partNumber", "values": [number.to_string()] }],
                "header": [
                    { "key": "X-Amz-Test-Date", "values": [operation.date_ms.to_string()] },
                    { "key": "X-Amz-Test-Life", "values": [operation.life_ms.to_string()] },
                    { "key": "X-Amz-Test-Signature", "values": [operation.sign(&call.model.config.secret)] },
                ],
            })
        })
        .collect();
    json!({
        "url": format!("{}{}parts/{id}", call.origin, STORAGE_PREFIX),
        "query": [{ "key": "uploadId", "values": [id] }],
        "header": [{ "key": "X-Amz-Test-Agent", "values": ["openim-dev-server"] }],
        "parts": parts,
    })
}

/// The upload, if it is the caller's.
fn own<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Upload, Refusal> {
    let upload = call.model.objects.upload(id).ok_or_else(|| uncoded("the upload does not exist"))?;
    if upload.owner == call.me() || call.is_admin() { Ok(upload) } else { Err(Refusal::no_permission("")) }
}

fn auth_sign(call: &mut Call<'_>, params: &Params) -> Reply {
    let upload = own(call, &params.upload_id)?;
    let count = upload.part_count();
    if upload.is_single() {
        return Err(uncoded("a single-part upload has its signature"));
    }
    if params.part_numbers.is_empty() || params.part_numbers.iter().any(|number| !(1..=count).contains(number)) {
        return Err(Refusal::args("partNumbers is empty, or names a part that does not exist"));
    }
    some(multipart_sign(call, &params.upload_id, &params.part_numbers))
}

fn complete_multipart_upload(call: &mut Call<'_>, params: &Params) -> Reply {
    check_own_name(call, &params.name)?;
    own(call, &params.upload_id)?;
    let hash = call.model.objects.complete(&params.upload_id, &params.parts).map_err(|why| {
        uncoded(match why {
            Incomplete::Unknown => "the upload does not exist",
            Incomplete::Missing => "parts are missing",
            Incomplete::Mismatch => "md5 mismatching",
        })
    })?;
    call.model.objects.name(&params.name, &hash, &params.content_type);
    some(json!({ "url": final_url(call, &params.name) }))
}

/// The prefix and the name, as they are.
fn final_url(call: &Call<'_>, name: &str) -> String {
    format!("{}/object/{name}", call.origin)
}

/// Pictures are not made smaller here: `query` changes nothing.
fn access_url(call: &mut Call<'_>, params: &Params) -> Reply {
    let found = call.model.objects.named(&params.name).map(|(named, _)| named.clone());
    let named = found.ok_or_else(|| Refusal::not_found("the object does not exist"))?;
    let expires = call.model.now_ms() + crate::limits::DOWNLOAD_LIFE_MS;
    some(json!({
        "url": call.model.content_url(&call.origin, &named.hash, &named.content_type),
        "expireTime": expires,
    }))
}

fn initiate_form_data(call: &mut Call<'_>, params: &Params) -> Reply {
    check_own_name(call, &params.name)?;
    if params.size < 1 {
        return Err(Refusal::args("size must be greater than 0"));
    }
    if params.size.unsigned_abs() > crate::limits::FORM_MAX as u64 {
        return Err(Refusal::args("the file is too large for a form"));
    }
    let (now, id) = (call.model.now_ms(), call.model.fresh_id("form"));
    let expires_ms = now + UPLOAD_LIFE_MS;
    let form = Form {
        owner: call.me(),
        name: params.name.clone(),
        size: params.size.unsigned_abs(),
        content_type: params.content_type.clone(),
        expires_ms,
        part: None,
    };
    if !call.model.objects.begin_form(&id, form, now) {
        return Err(uncoded("too many uploads are under way"));
    }
    let path = format!("form/{id}");
    let url = call.model.signed_url(&call.origin, &call.model.signed_operation("POST", &path, UPLOAD_LIFE_MS));
    some(json!({
        "id": id, "url": url, "file": "file", "header": null, "formData": { "key": params.name },
        "expires": expires_ms, "successCodes": [200, 204],
    }))
}

fn complete_form_data(call: &mut Call<'_>, params: &Params) -> Reply {
    let now = call.model.now_ms();
    let form = call.model.objects.form(&params.id).ok_or_else(|| Refusal::args("the form does not exist"))?;
    if form.owner != call.me() && !call.is_admin() {
        return Err(Refusal::no_permission("the form is another user's"));
    }
    if form.expires_ms <= now {
        return Err(Refusal::named(FILE_UPLOADED_EXPIRED, "FileUploadedExpired"));
    }
    let form = call.model.objects.complete_form(&params.id).map_err(|_| uncoded("the file was not uploaded"))?;
    some(json!({ "url": final_url(call, &form.name) }))
}
