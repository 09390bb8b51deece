//! Relay's global ids: Base64 of `Class:objectId`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::class::ClassName;
use crate::value::ObjectId;

/// The global id of an object.
pub(super) fn global(class: &ClassName, id: &ObjectId) -> String {
    STANDARD.encode(format!("{class}:{id}"))
}

/// The id of an object of this class that a client gave, as a global id or as it is. A global id of another class is
/// taken as it is, and so finds nothing.
pub(super) fn local(class: &ClassName, given: &str) -> ObjectId {
    match split(given) {
        Some((prefix, id)) if prefix == class.as_str() => ObjectId::new(id),
        _ => ObjectId::new(given),
    }
}

/// The class and the id of a global id.
pub(super) fn split(given: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(given).ok()?).ok()?;
    let (class, id) = text.split_once(':')?;
    // NUL is in no id, and PostgreSQL refuses it.
    (!class.is_empty() && !id.is_empty() && !id.contains('\0')).then(|| (class.to_owned(), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{global, local};
    use crate::class::ClassName;
    use crate::value::ObjectId;

    #[test]
    fn both_forms_of_an_id_are_taken_for_the_right_class() {
        let user = ClassName::known("_User");
        let id = ObjectId::new("abcdefghij");
        let global = global(&user, &id);
        assert_eq!(local(&user, &global), id);
        assert_eq!(local(&user, "abcdefghij"), id);
        assert_eq!(local(&ClassName::known("Note"), &global).as_str(), global);
        assert_eq!(local(&user, "not base64").as_str(), "not base64");
    }
}
