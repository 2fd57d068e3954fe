//! What arrives, and what is sent for it.

use std::sync::Arc;
use std::time::Duration;

use openim_client::media::{Attachment, Enclosure, Form, Patience, Rules, Upload};
use parking_lot::Mutex;

use crate::gate::{Gate, PART, bytes, quick, upload};

#[tokio::test]
async fn a_file_in_parts_arrives_byte_for_byte_under_its_own_folder() {
    let gate = Gate::open().await;
    let path = gate.file("report 2026.pdf", PART * 4 + 5);
    let uploaded = gate.upload(&path).await.unwrap();
    assert!(!uploaded.instant);
    assert_eq!((uploaded.name.as_str(), uploaded.size), ("report 2026.pdf", (PART * 4 + 5) as u64));
    let expected = format!("{}/object/bot_7/{}/", gate.api_addr, uploaded.id);
    assert!(uploaded.url.starts_with(&expected), "{}", uploaded.url);
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 4 + 5));
    assert_eq!(gate.count("PUT"), 5);
}

#[tokio::test]
async fn a_part_says_how_long_it_is_and_shows_what_was_signed() {
    let gate = Gate::open().await;
    gate.upload(&gate.file("a.bin", PART + 1)).await.unwrap();
    gate.seen(|seen| {
        let part = seen.iter().find(|one| one.method == "PUT" && one.query.contains("partNumber=2")).unwrap();
        assert_eq!(part.headers["content-length"], "1");
        assert!(!part.headers.contains_key("transfer-encoding"));
        assert!(part.query.contains("uploadId="), "the query of all parts is merged with the part's own");
        for name in ["x-amz-test-agent", "x-amz-test-signature", "x-amz-test-date"] {
            assert!(part.headers.contains_key(name), "{name}");
        }
        assert!(!part.headers.contains_key("token"), "the storage is no place for the token");
    });
}

#[tokio::test]
async fn the_server_is_told_by_which_address_it_is_reached() {
    let gate = Gate::open().await;
    gate.upload(&gate.file("a.bin", 10)).await.unwrap();
    gate.seen(|seen| {
        for one in seen.iter().filter(|one| one.path.starts_with("/object/")) {
            assert_eq!(one.headers["x-request-api"], gate.api_addr.as_str(), "{}", one.path);
        }
    });
}

#[tokio::test]
async fn case_74_what_the_server_has_already_is_not_sent_again() {
    let gate = Gate::open().await;
    let path = gate.file("a.bin", PART * 2);
    let first = gate.upload(&path).await.unwrap();
    let puts = gate.count("PUT");
    let again = gate.upload(&path).await.unwrap();
    assert!(again.instant && again.hash == first.hash && again.url != first.url);
    assert_eq!(gate.count("PUT"), puts);
    assert_eq!(gate.count("/object/complete_multipart_upload"), 1);
    assert_eq!(gate.fetch(&again.url).await, bytes(PART * 2));
}

#[tokio::test]
async fn two_files_of_one_name_are_two() {
    let gate = Gate::open().await;
    let first = gate.upload(&gate.file("same.txt", 10)).await.unwrap();
    let second = gate.upload(&gate.file("same.txt", 20)).await.unwrap();
    assert_ne!(first.url, second.url);
    assert_eq!(gate.fetch(&first.url).await.len(), 10);
}

#[tokio::test]
async fn at_most_three_parts_are_on_their_way_at_once() {
    let gate = Gate::open().await;
    gate.upload(&gate.file("a.bin", PART * 12)).await.unwrap();
    assert_eq!(gate.count("PUT"), 12);
    assert!((2..=3).contains(&gate.most_puts_at_once()), "{}", gate.most_puts_at_once());
}

#[tokio::test]
async fn the_signatures_of_many_parts_are_asked_for_as_their_turn_comes() {
    let gate = Gate::open().await;
    let path = gate.file("long.bin", PART * 101);
    let uploaded = gate.upload(&path).await.unwrap();
    assert_eq!(gate.fetch(&uploaded.url).await.len(), PART * 101);
    let asked = gate.count("/object/auth_sign");
    assert!((2..=30).contains(&asked), "{asked}");
}

#[tokio::test]
async fn signatures_that_grew_old_are_renewed_before_they_are_used() {
    let gate = Gate::open().await;
    let path = gate.file("a.bin", PART * 4);
    let patience = Patience { fresh: Duration::ZERO, ..quick() };
    gate.uploader(patience).upload(upload(&path)).await.unwrap();
    assert!(gate.count("/object/auth_sign") >= 2);
    assert_eq!(gate.count("PUT"), 4, "no part was refused");
}

#[tokio::test]
async fn progress_only_grows_and_ends_with_everything() {
    let gate = Gate::open().await;
    let path = gate.file("a.bin", PART * 6);
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = told.clone();
    let watch: openim_client::media::Watch =
        Arc::new(move |progress| seen.lock().push((progress.sent, progress.total)));
    gate.trouble(vec![testkit::StorageFault { status: Some(500), times: Some(2), ..Default::default() }]);
    gate.uploader(quick()).upload(Upload { watch: Some(watch), ..upload(&path) }).await.unwrap();
    let told = told.lock();
    let total = (PART * 6) as u64;
    assert_eq!(told.last(), Some(&(total, total)));
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
}

#[tokio::test]
async fn a_picture_is_sent_with_its_size_and_preview_without_its_path() {
    let gate = Gate::open().await;
    let path = gate.dir.path().join("shot.dat");
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0".to_vec();
    png.extend(bytes(1_000));
    std::fs::write(&path, &png).unwrap();
    let enclosure = Enclosure {
        path: path.clone(),
        rules: Rules::default(),
        name: None,
        content_type: None,
        duration: None,
        snapshot: None,
    };
    let picture = Attachment::new(None, enclosure).await.unwrap();
    assert_eq!(picture.form(), Form::Picture);
    let uploader = gate.uploader(quick());
    let (content, _) = picture.uploaded(&uploader, None).await.unwrap().written();
    let content: serde_json::Value = serde_json::from_str(&content).unwrap();
    let source = &content["sourcePicture"];
    assert_eq!((source["width"].as_i64(), source["height"].as_i64()), (Some(640), Some(480)));
    assert_eq!((source["type"].as_str(), source["size"].as_i64()), (Some("image/png"), Some(png.len() as i64)));
    assert_eq!(content["bigPicture"], *source);
    let preview = format!("{}?type=image&width=640&height=640", source["url"].as_str().unwrap());
    assert_eq!(content["snapshotPicture"]["url"], preview.as_str());
    assert!(!content.to_string().contains(gate.dir.path().to_str().unwrap()), "{content}");
    let parts = gate.count("PUT");
    picture.uploaded(&uploader, None).await.unwrap();
    assert_eq!(gate.count("/object/initiate_multipart_upload"), 1, "sent again, it is not uploaded again");
    assert_eq!(gate.count("PUT"), parts);
}

#[tokio::test]
async fn a_picture_by_its_name_alone_is_refused_unless_its_type_is_stated() {
    let gate = Gate::open().await;
    let path = gate.dir.path().join("x.png");
    std::fs::write(&path, "only a text").unwrap();
    let enclosure = |content_type: Option<&str>| Enclosure {
        path: path.clone(),
        rules: Rules::default(),
        name: None,
        content_type: content_type.map(str::to_owned),
        duration: None,
        snapshot: None,
    };
    let error = Attachment::new(Some(Form::Picture), enclosure(None)).await.err().unwrap();
    let text = error.to_string();
    assert!(text.contains("\"x.png\" is no picture but application/octet-stream; send it as a file"), "{text}");
    Attachment::new(Some(Form::Picture), enclosure(Some("image/png"))).await.unwrap();
    Attachment::new(Some(Form::File), enclosure(None)).await.unwrap();
}
