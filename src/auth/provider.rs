//! Signing in without a password: the data of authentication providers.
//!
//! One provider is built in: `anonymous`, for users who have no name yet. The id that the client chose is all that
//! it takes to sign in, so it must not be guessable.

use serde_json::{Map, Value as Json};

use crate::fault::{Code, Fault};

const ANONYMOUS: &str = "anonymous";

/// The longest id that a provider may give, in bytes.
const MAX_ID: usize = 256;

/// Authentication data that this server understands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthData {
    anonymous: Option<String>,
    ends_anonymity: bool,
}

impl AuthData {
    /// The data that a client sent. A provider that is not known is 252, an id that is no text 162.
    pub fn parse(json: &Json) -> Result<Self, Fault> {
        let nothing = Map::new();
        let providers = json.as_object().unwrap_or(&nothing);
        let ends_anonymity = providers.get(ANONYMOUS).is_some_and(Json::is_null);
        let mut data = Self { ends_anonymity, ..Self::default() };
        for (provider, value) in providers.iter().filter(|(_, value)| !value.is_null()) {
            if provider != ANONYMOUS {
                return Err(Fault::new(Code::UnsupportedService));
            }
            data.anonymous = match value.get("id") {
                None | Some(Json::Null) => None,
                Some(Json::String(id)) if !id.is_empty() && id.len() <= MAX_ID && !id.contains('\0') => {
                    Some(id.clone())
                }
                Some(_) => {
                    return Err(Fault::with(Code::InvalidValue, "Invalid authData id for provider 'anonymous'."));
                }
            };
        }
        Ok(data)
    }

    /// The id of an anonymous user, if there is one.
    pub fn anonymous(&self) -> Option<&str> {
        self.anonymous.as_deref()
    }

    /// True if the user is not to be known by an anonymous id any more.
    pub const fn ends_anonymity(&self) -> bool {
        self.ends_anonymity
    }

    /// What may be shown of what a row keeps: who the user is to each provider. A Parse Server may have stored what is
    /// nobody's to see beside it, such as keys and codes.
    pub fn shown(stored: &str) -> Json {
        let stored: Json = serde_json::from_str(stored).unwrap_or_default();
        let id_of = |value: &Json| match value.get("id") {
            Some(Json::String(id)) => serde_json::json!({ "id": id }),
            _ => serde_json::json!({}),
        };
        let providers = stored.as_object().into_iter().flatten();
        providers.map(|(provider, value)| (provider.clone(), id_of(value))).collect()
    }

    /// What the row of the user keeps; nothing if no provider says anything.
    pub fn to_json(&self) -> Option<Json> {
        self.anonymous.as_ref().map(|id| serde_json::json!({ ANONYMOUS: {"id": id} }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::AuthData;

    #[test]
    fn only_anonymous_users_with_an_id_of_text_are_known() {
        let code = |json| AuthData::parse(&json).map_err(|fault| fault.code().number());
        assert_eq!(code(json!({"anonymous": {"id": "x"}})).unwrap().anonymous(), Some("x"));
        for empty in [json!({}), json!(null), json!({"anonymous": {}}), json!({"other": null})] {
            assert_eq!(code(empty).unwrap(), AuthData::default());
        }
        assert!(code(json!({"anonymous": null})).unwrap().ends_anonymity());
        for id in [json!(5), json!(""), json!({"$ne": null}), json!(["x"])] {
            assert_eq!(code(json!({"anonymous": {"id": id}})), Err(162));
        }
        assert_eq!(code(json!({"facebook": {"id": "1"}})), Err(252));
    }

    #[test]
    fn of_a_provider_the_id_is_shown() {
        let stored = json!({"anonymous": {"id": "x"}, "mfa": {"secret": "s", "recovery": ["r"]}, "old": {"id": {"a": 1}, "access_token": "t"}});
        let shown = json!({"anonymous": {"id": "x"}, "mfa": {}, "old": {}});
        assert_eq!(AuthData::shown(&stored.to_string()), shown);
        assert_eq!(AuthData::shown("null"), json!({}));
    }
}
