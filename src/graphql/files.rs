//! Files: their names and addresses, and those that come with a request.

use serde_json::{Map, Value as Json};

use super::document::UPLOAD;
use super::engine::Work;
use crate::fault::Fault;
use crate::guard;
use crate::plan;

/// The uploads of one root field: their number in the request, and the name that each is kept under.
///
/// They are kept before the transaction of the field begins, so that no other write waits for a disk or a bucket,
/// and taken back if the field fails.
#[derive(Debug, Default)]
pub(super) struct Uploaded(Vec<(u64, String)>);

impl Uploaded {
    /// The name of the file that the value of an `Upload` stands for.
    pub(super) fn name(&self, value: &Json) -> Option<&str> {
        let number = value.get(UPLOAD)?.as_u64()?;
        self.0.iter().find(|(known, _)| *known == number).map(|(_, name)| name.as_str())
    }

    /// The names of all files.
    pub(super) fn into_names(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(_, name)| name)
    }
}

impl Work<'_> {
    /// Keeps the files that the arguments of a root field mention: all of them, or none.
    pub(super) async fn keep_uploads(self, arguments: &Map<String, Json>) -> Result<Uploaded, Fault> {
        let mut kept = Uploaded::default();
        if self.request.uploads.is_empty() {
            return Ok(kept);
        }
        let mut numbers = Vec::new();
        arguments.values().for_each(|value| find_uploads(value, &mut numbers));
        for number in numbers {
            match self.keep_upload(number).await {
                Ok(name) => kept.0.push((number, name)),
                Err(fault) => {
                    self.engine.files.take_back(kept.into_names()).await;
                    return Err(fault);
                }
            }
        }
        Ok(kept)
    }

    async fn keep_upload(self, number: u64) -> Result<String, Fault> {
        let upload = usize::try_from(number).ok().and_then(|number| self.request.uploads.get(number));
        let upload = upload.ok_or_else(|| Fault::internal("an upload is not in its request"))?;
        let plan = plan::Upload {
            name: upload.name.clone(),
            content_type: upload.content_type.clone(),
            content: upload.content.clone(),
        };
        let admitted = guard::upload(self.caller, plan, self.engine.settings.uploaders)?;
        self.engine.files.keep(admitted).await
    }
}

/// The numbers of the uploads in a value, each once.
fn find_uploads(value: &Json, numbers: &mut Vec<u64>) {
    match value {
        Json::Object(members) => {
            for (key, member) in members {
                match member.as_u64() {
                    Some(number) if key == UPLOAD && !numbers.contains(&number) => numbers.push(number),
                    _ => find_uploads(member, numbers),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| find_uploads(item, numbers)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Where a file is downloaded: a stored one below the server's own address, an external one where it is.
pub(super) fn url(base: &str, name: &str) -> String {
    if name.starts_with("https://") || name.starts_with("http://") {
        return name.to_owned();
    }
    format!("{base}{}", percent_encode(name))
}

fn percent_encode(name: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}
