//! `contentType` 104: a video with a picture of its first moment.

use super::lenient::element;

element! {
    /// A video.
    Video {
        path: String = "videoPath",
        uuid: String = "videoUUID",
        url: String = "videoUrl",
        kind: String = "videoType",
        size: i64 = "videoSize",
        /// Seconds.
        duration: i64 = "duration",
        snapshot_path: String = "snapshotPath",
        snapshot_uuid: String = "snapshotUUID",
        snapshot_size: i64 = "snapshotSize",
        snapshot_url: String = "snapshotUrl",
        snapshot_width: i64 = "snapshotWidth",
        snapshot_height: i64 = "snapshotHeight",
        snapshot_kind: String = "snapshotType" | "snapShotType",
    }
}
