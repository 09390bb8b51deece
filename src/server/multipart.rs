//! GraphQL multipart requests: a request with files.
//!
//! The parts come in this order: `operations` is the request, with null where a file belongs; `map`
//! says which file belongs where; then the files. See
//! <https://github.com/jaydenseric/graphql-multipart-request-spec>.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use http::StatusCode;
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::answer::Refusal;
use super::parameters;
use crate::graphql::{Request, Upload};

/// Where each file belongs, by the name of its part.
type Places = IndexMap<String, Vec<Vec<String>>>;

/// The request in the parts of a body of at most `limit` bytes.
pub(super) async fn read(mut parts: Multipart, limit: usize) -> Result<Request, Refusal> {
    let operations = document(&mut parts, "operations", limit).await?;
    let map = document(&mut parts, "map", limit).await?;
    let places = places(map, &operations)?;
    let mut request = parameters::from_json(operations)?;
    request.uploads = uploads(&mut parts, places, limit).await?;
    Ok(request)
}

/// The JSON in the next part, which must have this name.
async fn document(parts: &mut Multipart, name: &str, limit: usize) -> Result<Json, Refusal> {
    let part = next(parts, limit).await?.filter(|part| part.name() == Some(name));
    let Some(part) = part else {
        return Err(Refusal::malformed(format!(
            "A multipart request has the parts `operations`, `map` and then the files: `{name}` is not in its place."
        )));
    };
    let bytes = part.bytes().await.map_err(|error| broken(&error, limit))?;
    let malformed = |_error| Refusal::malformed(format!("The part `{name}` is not valid JSON."));
    serde_json::from_slice(&bytes).map_err(malformed)
}

/// The places of the files. Each is a null among the variables, and there for one file only.
fn places(map: Json, operations: &Json) -> Result<Places, Refusal> {
    let malformed = || Refusal::malformed("The part `map` must be an object of lists of paths.");
    let Json::Object(map) = map else {
        return Err(malformed());
    };
    let mut places = Places::new();
    let mut taken: Vec<&str> = Vec::new();
    for (file, paths) in &map {
        let Json::Array(paths) = paths else {
            return Err(malformed());
        };
        for path in paths {
            let path = path.as_str().ok_or_else(malformed)?;
            let is_variable = path.starts_with("variables.");
            if !is_variable || lookup(operations, path) != Some(&Json::Null) || taken.contains(&path) {
                return Err(Refusal::bad_input(format!(
                    "The part `map` names the path {path:?}, which is not a variable that is null and belongs to one file."
                )));
            }
            taken.push(path);
            let path = path.split('.').map(str::to_owned).collect();
            places.entry(file.clone()).or_default().push(path);
        }
    }
    Ok(places)
}

fn lookup<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(json, |json, step| match json {
        Json::Object(object) => object.get(step),
        Json::Array(list) => list.get(step.parse::<usize>().ok()?),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    })
}

/// The files. Parts that nothing is said about are passed over.
async fn uploads(parts: &mut Multipart, mut places: Places, limit: usize) -> Result<Vec<Upload>, Refusal> {
    let mut uploads = Vec::new();
    while let Some(part) = next(parts, limit).await? {
        let file = part.name().zip(part.file_name()).map(|(part, file)| (part.to_owned(), file.to_owned()));
        let Some((part_name, name)) = file else {
            continue;
        };
        let Some(paths) = places.shift_remove(&part_name) else {
            continue;
        };
        let content_type = part.content_type().map(str::to_owned);
        let content = part.bytes().await.map_err(|error| broken(&error, limit))?;
        if content.len() > limit {
            return Err(Refusal::too_large(limit));
        }
        uploads.extend(paths.into_iter().map(|path| Upload {
            path,
            name: name.clone(),
            content_type: content_type.clone(),
            content: content.clone(),
        }));
    }
    match places.keys().next() {
        None => Ok(uploads),
        Some(missing) => Err(Refusal::malformed(format!("The file {missing:?} of the part `map` is missing."))),
    }
}

async fn next(parts: &mut Multipart, limit: usize) -> Result<Option<Field<'_>>, Refusal> {
    parts.next_field().await.map_err(|error| broken(&error, limit))
}

/// A body that is not made of parts, ends too early, or is too large.
pub(super) fn broken(error: &MultipartError, limit: usize) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::too_large(limit);
    }
    Refusal::malformed("The body is not valid multipart/form-data.")
}
