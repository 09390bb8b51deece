//! From headers to credentials, before anything of them is believed.

use std::net::{IpAddr, SocketAddr};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ipnet::IpNet;
use secrecy::SecretString;

use crate::auth::Credentials;

/// The header that names the application. A browser does not send it across origins unasked.
pub(super) const APP_ID: &str = "x-parse-application-id";

/// Headers of which each holds a key of a client; all have the same power.
const CLIENT_KEYS: [&str; 4] =
    ["x-parse-client-key", "x-parse-javascript-key", "x-parse-rest-api-key", "x-parse-windows-key"];

/// What stands in front of a client key that is sent as the password of HTTP Basic.
const BASIC_CLIENT_KEY: &str = "javascript-key=";

/// A header with credentials is not UTF-8 or there more than once, so nobody can say what it means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

/// The credentials in the headers of a request.
pub(super) fn read(headers: &HeaderMap, address: IpAddr) -> Result<Credentials, Ambiguous> {
    let mut credentials = Credentials {
        app_id: text(headers, APP_ID)?,
        master_key: secret(headers, "x-parse-master-key")?,
        session_token: secret(headers, "x-parse-session-token")?,
        installation_id: text(headers, "x-parse-installation-id")?,
        client_keys: Vec::new(),
        address,
    };
    for name in CLIENT_KEYS {
        credentials.client_keys.extend(secret(headers, name)?);
    }
    let authorization = text(headers, AUTHORIZATION.as_str())?;
    if let Some((scheme, rest)) = authorization.as_deref().and_then(|value| value.split_once(' ')) {
        if scheme.eq_ignore_ascii_case("bearer") {
            credentials.session_token.get_or_insert_with(|| SecretString::from(rest.trim()));
        } else if scheme.eq_ignore_ascii_case("basic") && credentials.app_id.is_none() {
            basic(&mut credentials, rest);
        }
    }
    Ok(credentials)
}

/// HTTP Basic: the application id as user, the master key or a client key as password. Beside an
/// application id in its own header it belongs to somebody else, such as a proxy.
fn basic(credentials: &mut Credentials, encoded: &str) {
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((app_id, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return;
    };
    credentials.app_id = Some(app_id.to_owned());
    match password.strip_prefix(BASIC_CLIENT_KEY) {
        Some(key) => credentials.client_keys.push(SecretString::from(key)),
        None if password.is_empty() => {}
        None => {
            credentials.master_key.get_or_insert_with(|| SecretString::from(password));
        }
    }
}

/// A header's text; an empty one is like none.
fn text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Ambiguous> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match str::from_utf8(value.as_bytes()) {
            Ok(text) => Ok(Some(text.to_owned()).filter(|text| !text.is_empty())),
            Err(_not_utf8) => Err(Ambiguous),
        },
        (Some(_), Some(_)) => Err(Ambiguous),
    }
}

fn secret(headers: &HeaderMap, name: &str) -> Result<Option<SecretString>, Ambiguous> {
    text(headers, name).map(|value| value.map(SecretString::from))
}

/// The address of the client.
///
/// It is the other end of the connection. If that is a trusted proxy, it is the last address of
/// `X-Forwarded-For` that is not one: whatever stands before that, the client may have written.
pub(super) fn address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.ip().to_canonical();
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    while is_trusted(&client) {
        match hops.next().map(|hop| hop.trim().parse::<IpAddr>()) {
            Some(Ok(hop)) => client = hop.to_canonical(),
            _ => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use secrecy::ExposeSecret as _;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in list.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    fn shown(list: &[(&'static str, &str)]) -> Option<String> {
        let credentials = read(&headers(list), HOME).ok()?;
        let secret = |secret: &SecretString| secret.expose_secret().to_owned();
        Some(format!(
            "{} {} {} {}",
            credentials.app_id.as_deref().unwrap_or("-"),
            credentials.master_key.as_ref().map_or("-".to_owned(), secret),
            credentials.session_token.as_ref().map_or("-".to_owned(), secret),
            credentials.client_keys.iter().map(secret).collect::<Vec<_>>().join(",")
        ))
    }

    #[test]
    fn headers_become_credentials() {
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        let cases: &[(&[(&'static str, &str)], &str)] = &[
            (&[], "- - - "),
            (&[("x-parse-application-id", "")], "- - - "),
            (&[("x-parse-application-id", "äpp"), ("x-parse-master-key", "mk")], "äpp mk - "),
            (&[("x-parse-client-key", "c"), ("x-parse-rest-api-key", "r")], "- - - c,r"),
            (&[("authorization", "bearer r:1")], "- - r:1 "),
            (&[("authorization", "Bearer r:1"), ("x-parse-session-token", "r:2")], "- - r:2 "),
            (&[("authorization", &basic("app:mk"))], "app mk - "),
            (&[("authorization", &basic("app:"))], "app - - "),
            (&[("authorization", &basic("app:javascript-key=js"))], "app - - js"),
            (&[("authorization", &basic("proxy:pw")), ("x-parse-application-id", "app")], "app - - "),
            (&[("authorization", "Basic %%%")], "- - - "),
            (&[("authorization", "Digest x")], "- - - "),
        ];
        for (list, expected) in cases {
            assert_eq!(shown(list).as_deref(), Some(*expected), "{list:?}");
        }
    }

    #[test]
    fn a_header_that_could_mean_two_things_is_refused() {
        assert_eq!(shown(&[("x-parse-master-key", "a"), ("x-parse-master-key", "b")]), None);
        let mut latin = HeaderMap::new();
        latin.insert(APP_ID, HeaderValue::from_bytes(b"\xe4pp").unwrap());
        assert_eq!(read(&latin, HOME).err(), Some(Ambiguous));
    }

    #[test]
    fn only_proxies_that_are_trusted_say_who_the_client_is() {
        let trusted: Vec<IpNet> = ["10.0.0.0/8".parse().unwrap()].into();
        let cases: &[(&str, &[&str], &str)] = &[
            ("10.0.0.1:9", &[], "10.0.0.1"),
            ("10.0.0.1:9", &["1.2.3.4"], "1.2.3.4"),
            ("[::ffff:10.0.0.1]:9", &["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1:9", &["127.0.0.1, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1:9", &["127.0.0.1", "1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1:9", &["127.0.0.1, nonsense"], "10.0.0.1"),
            ("5.6.7.8:9", &["127.0.0.1"], "5.6.7.8"),
        ];
        for (peer, forwarded, expected) in cases {
            let list: Vec<_> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
            let found = address(peer.parse().unwrap(), &headers(&list), &trusted);
            assert_eq!(found.to_string(), *expected, "{peer} {forwarded:?}");
        }
    }
}
