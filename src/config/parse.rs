//! From the text of a setting to what it means.
//!
//! An error is the rest of a sentence that starts with the value. It never repeats the value, which
//! may be a secret.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use regex::Regex;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use super::FileStorage;

/// A parsed setting, or what is wrong with its text.
pub(super) type Parsed<T> = Result<T, String>;

/// An address to listen on, or the name of one with a port. Which address a name has shows when it is used.
pub(super) fn socket(text: &str) -> Parsed<String> {
    let is_named = |(host, port): (&str, &str)| {
        let labels = host.split('.').all(|label| !label.is_empty() && label.chars().all(is_of_name));
        labels && host.chars().any(|letter| letter.is_ascii_alphabetic()) && port.parse::<u16>().is_ok()
    };
    if text.parse::<SocketAddr>().is_ok() || text.rsplit_once(':').is_some_and(is_named) {
        return Ok(text.to_owned());
    }
    Err("is not an address with a port, such as 127.0.0.1:1337, [::1]:1337 or localhost:1337".to_owned())
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// An address or a network. The addresses that mean "any" are easily taken for a single one, so
/// they must be written with their mask.
pub(super) fn network(text: &str) -> Parsed<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        let address = address.to_canonical();
        if address.is_unspecified() {
            let network = if address.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
            return Err(format!("is no client's address; for every address write {network}"));
        }
        return Ok(IpNet::from(address));
    }
    let malformed = "is not an IP address or network, such as 10.0.0.7 or 10.0.0.0/8";
    match text.parse().map_err(|_error| malformed.to_owned())? {
        IpNet::V6(network) => unmapped(network),
        network @ IpNet::V4(_) => Ok(network),
    }
}

/// The IPv4 network that is written with IPv6 addresses, such as `::ffff:10.0.0.0/104`: clients are known by their
/// IPv4 addresses, which the network as it is written does not contain.
fn unmapped(network: Ipv6Net) -> Parsed<IpNet> {
    /// So many bits say that the rest is an IPv4 address.
    const MAPPED: u8 = 96;
    let Some(address) = network.addr().to_ipv4_mapped() else { return Ok(network.into()) };
    match network.prefix_len().checked_sub(MAPPED).map(|length| Ipv4Net::new(address, length)) {
        Some(Ok(inner)) => Ok(inner.into()),
        Some(Err(_)) | None => {
            Err(format!("is larger than all of IPv4, which is /{MAPPED}; for every address of it write 0.0.0.0/0"))
        }
    }
}

/// A directory. Whether it exists shows when it is used.
#[expect(clippy::unnecessary_wraps, reason = "all parsers have one shape")]
pub(super) fn directory(text: &str) -> Parsed<PathBuf> {
    Ok(PathBuf::from(text))
}

/// The address of a database that there is a driver for.
pub(super) fn database_url(text: &str) -> Parsed<SecretString> {
    let known = ["postgres://", "postgresql://", "sqlite:"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(SecretString::from(text));
    }
    Err("is not the URL of a database; it starts with postgres:// or sqlite:".to_owned())
}

/// Where files are kept. Keys and addresses are settings of their own.
pub(super) fn file_storage(text: &str) -> Parsed<FileStorage> {
    let Some(bucket) = text.strip_prefix("s3://") else {
        if text.contains("://") {
            return Err("is neither a directory nor s3:// and the name of a bucket".to_owned());
        }
        return directory(text).map(FileStorage::Directory);
    };
    let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
    if bucket.is_empty() {
        return Err("names no bucket, as in s3://my-bucket/my-files".to_owned());
    }
    let (bucket, prefix) = (bucket.to_owned(), prefix.trim_matches('/').to_owned());
    Ok(FileStorage::Bucket { bucket, prefix })
}

/// An extension of files, or `*` for all.
pub(super) fn extension(text: &str) -> Parsed<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '~' | '@');
    if text == "*" || (!text.is_empty() && text.chars().all(plain)) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("is not an extension, such as png, without a dot".to_owned())
}

/// A word that means itself.
pub(super) fn name(text: &str) -> Parsed<String> {
    let fits = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if fits { Ok(text.to_owned()) } else { Err("is empty or has spaces in it".to_owned()) }
}

/// The address of a server, without a slash at its end.
pub(super) fn public_url(text: &str) -> Parsed<String> {
    let malformed = || "is not a URL, such as https://api.example.org".to_owned();
    let uri: Uri = text.parse().map_err(|_error| malformed())?;
    match (uri.scheme_str(), uri.authority(), uri.query()) {
        (Some("http" | "https"), Some(_), None) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(malformed()),
    }
}

/// An application id, which stands in addresses of files and must need no escape there.
pub(super) fn app_id(text: &str) -> Parsed<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err("is not an application id: letters, digits, '-', '_' and '.' only".to_owned())
}

/// A key, which a header must be able to carry.
pub(super) fn key(text: &str) -> Parsed<SecretString> {
    if text.is_empty() {
        return Err("is empty; leave it out to have a key generated".to_owned());
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err("has spaces around it or control characters in it".to_owned());
    }
    Ok(SecretString::from(text))
}

/// Yes or no.
pub(super) fn boolean(text: &str) -> Parsed<bool> {
    text.parse().map_err(|_error| "is not true or false".to_owned())
}

/// A number that is not 0.
pub(super) fn count(text: &str) -> Parsed<u32> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("is not a whole number from 1 on".to_owned()),
    }
}

/// A length of time that is not 0.
pub(super) fn duration(text: &str) -> Parsed<Duration> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    quantity(text, &units)
        .map(Duration::from_millis)
        .ok_or_else(|| "is not a length of time with its unit, such as 500ms, 30s, 5m, 12h or 365d".to_owned())
}

/// A length of time that is not 0, or nothing.
pub(super) fn duration_or_none(text: &str) -> Parsed<Option<Duration>> {
    if text == "none" {
        return Ok(None);
    }
    duration(text).map(Some).map_err(|wrong| format!("{wrong}, or none"))
}

/// A whole number in a range.
pub(super) fn number<T>(text: &str, range: RangeInclusive<T>) -> Parsed<T>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("is not a whole number from {} to {}", range.start(), range.end()))
}

/// A regular expression.
pub(super) fn pattern(text: &str) -> Parsed<Regex> {
    Regex::new(text).map_err(|error| {
        // The last line of its picture says what is wrong.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!("is not a regular expression ({})", reason.trim_start_matches("error: "))
    })
}

/// A text for people.
pub(super) fn sentence(text: &str) -> Parsed<String> {
    if text.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// A number of bytes that is not 0.
pub(super) fn size(text: &str) -> Parsed<usize> {
    let units = [("b", 1), ("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30)];
    quantity(&text.to_ascii_lowercase(), &units)
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(|| "is not a size with its unit, such as 512kb or 20mb".to_owned())
}

/// A whole number directly followed by a unit, in the smallest unit.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor).filter(|amount| *amount > 0)
}

/// One of a few words.
pub(super) fn word<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&str) -> Parsed<T> {
    move |text| {
        let meaning = words.iter().find_map(|(word, meaning)| (*word == text).then_some(*meaning));
        meaning.ok_or_else(|| {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            format!("is not one of {}", known.join(", "))
        })
    }
}

/// A log filter, such as `info` or `info,portcullis::store=debug`.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_error) => Err("is not a log filter, such as info or info,portcullis::store=debug".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: PartialEq + std::fmt::Debug>(parse: impl Fn(&str) -> Parsed<T>, cases: &[(&str, Option<T>)]) {
        for (text, expected) in cases {
            assert_eq!(parse(text).ok().as_ref(), expected.as_ref(), "{text:?}");
        }
    }

    #[test]
    fn times_have_units() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        check(
            duration,
            &[
                ("500ms", Some(Duration::from_millis(500))),
                ("30s", seconds(30)),
                ("5m", seconds(300)),
                ("12h", seconds(43_200)),
                ("365d", seconds(31_536_000)),
                ("30", None),
                ("0s", None),
                ("s", None),
                ("-1s", None),
                ("1.5s", None),
                ("1 s", None),
                ("99999999999999999999d", None),
                ("999999999999999999d", None),
            ],
        );
    }

    #[test]
    fn numbers_have_a_range_and_patterns_a_syntax() {
        let number = |text: &str| number(text, 0..=20_usize);
        check(number, &[("0", Some(0)), ("20", Some(20)), ("21", None), ("-1", None), ("1.5", None), ("", None)]);
        assert_eq!(pattern("^.{8,}$").unwrap().as_str(), "^.{8,}$");
        assert_eq!(pattern("(").unwrap_err(), "is not a regular expression (unclosed group)");
        check(duration_or_none, &[("none", Some(None)), ("1s", Some(Some(Duration::from_secs(1)))), ("0", None)]);
    }

    #[test]
    fn sizes_have_units() {
        check(
            size,
            &[
                ("20mb", Some(20 << 20)),
                ("20MB", Some(20 << 20)),
                ("512kb", Some(512 << 10)),
                ("1b", Some(1)),
                ("20", None),
                ("20m", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn networks_are_written_with_care() {
        let network = |text: &str| network(text).map(|network| network.to_string());
        let some = |text: &str| Some(text.to_owned());
        check(
            network,
            &[
                ("127.0.0.1", some("127.0.0.1/32")),
                ("::1", some("::1/128")),
                ("::ffff:10.0.0.7", some("10.0.0.7/32")),
                ("::ffff:10.0.0.0/104", some("10.0.0.0/8")),
                ("::ffff:a00:7/128", some("10.0.0.7/32")),
                ("::ffff:0.0.0.0/96", some("0.0.0.0/0")),
                ("::ffff:10.0.0.0/95", None),
                ("::ffff:0.0.0.0/0", None),
                ("::ffff:0.0.0.0", None),
                ("2001:db8::/32", some("2001:db8::/32")),
                ("10.0.0.0/8", some("10.0.0.0/8")),
                ("0.0.0.0/0", some("0.0.0.0/0")),
                ("::/0", some("::/0")),
                ("0.0.0.0", None),
                ("::", None),
                ("10.0.0.0/33", None),
                ("localhost", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn addresses_of_servers_are_complete() {
        let some = |text: &str| Some(text.to_owned());
        check(
            public_url,
            &[
                ("https://api.example.org", some("https://api.example.org")),
                ("https://example.org/api/", some("https://example.org/api")),
                ("http://127.0.0.1:1337", some("http://127.0.0.1:1337")),
                ("api.example.org", None),
                ("ftp://example.org", None),
                ("https://example.org/?a=b", None),
                ("/", None),
            ],
        );
    }

    #[test]
    fn files_have_a_place_and_extensions() {
        let bucket = |bucket: &str, prefix: &str| {
            Some(FileStorage::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
        };
        check(
            file_storage,
            &[
                ("/srv/files", Some(FileStorage::Directory(PathBuf::from("/srv/files")))),
                ("s3://b", bucket("b", "")),
                ("s3://b/a/c/", bucket("b", "a/c")),
                ("s3://", None),
                ("gs://b", None),
            ],
        );
        let some = |text: &str| Some(text.to_owned());
        check(extension, &[("PNG", some("png")), ("*", some("*")), (".png", None), ("", None), ("a/b", None)]);
    }

    #[test]
    fn keys_and_ids_fit_where_they_are_used() {
        check(app_id, &[("my-app_1.0", Some("my-app_1.0".to_owned())), ("", None), ("a/b", None), ("é", None)]);
        for (text, fits) in [("mk", true), ("", false), (" mk", false), ("m\nk", false)] {
            assert_eq!(key(text).is_ok(), fits, "{text:?}");
        }
        for (text, fits) in [("postgres://h/d", true), ("sqlite:f.db", true), ("mysql://h/d", false)] {
            assert_eq!(database_url(text).is_ok(), fits, "{text:?}");
        }
    }
}
