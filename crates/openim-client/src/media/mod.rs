//! Files on their way out: what they are, and how they get into the server's object storage.

pub mod sniff;

mod attachment;
mod file;
mod hash;
mod name;
mod object;
mod pool;
mod progress;
mod storage;
mod target;
mod upload;

pub use attachment::{Attachment, Attachments, Enclosure, Form, Saying};
pub use file::Rules;
pub use progress::{Progress, Watch};
pub use upload::{Look, Patience, Settings, Upload, Uploaded, Uploader, look};
