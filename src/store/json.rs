//! The canonical text of JSON values.
//!
//! SQLite keeps JSON as text. Two values are equal if their canonical texts are: members in a fixed order (that of
//! PostgreSQL's `jsonb`, shorter names first), no white space, and each number in one way only.

use serde_json::{Map, Number, Value as Json};

/// The canonical text of a value.
pub(super) fn canonical(value: &Json) -> String {
    normal(value).to_string()
}

/// The canonical text of a JSON text.
pub(super) fn canonical_text(text: &str) -> String {
    serde_json::from_str(text).map_or_else(|_| text.to_owned(), |value| canonical(&value))
}

fn normal(value: &Json) -> Json {
    match value {
        Json::Null | Json::Bool(_) | Json::String(_) => value.clone(),
        Json::Number(number) => Json::Number(normal_number(number)),
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(one, _), (other, _)| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
            Json::Object(sorted.into_iter().map(|(key, member)| (key.clone(), normal(member))).collect::<Map<_, _>>())
        }
    }
}

/// A whole number without a fraction, as `1` and `1.0` are the same.
fn normal_number(number: &Number) -> Number {
    let Some(double) = number.as_f64().filter(|double| number.is_f64() && double.fract() == 0.0) else {
        return number.clone();
    };
    let digits = format!("{double:.0}");
    let signed = digits.parse::<i64>().map(Number::from);
    signed.or_else(|_| digits.parse::<u64>().map(Number::from)).unwrap_or_else(|_| number.clone())
}

#[cfg(test)]
mod tests {
    use super::canonical_text;

    #[test]
    fn equal_values_have_one_text() {
        let cases = [
            (r#"{ "bb": 1.0, "a": [1e2, true, null] }"#, r#"{"a":[100,true,null],"bb":1}"#),
            ("-0.0", "0"),
            ("0.1", "0.1"),
            ("1e300", "1e+300"),
            ("12345678901234567890", "12345678901234567890"),
            ("1.5", "1.5"),
            (
                r#"{"__type":"Pointer","objectId":"x","className":"City"}"#,
                r#"{"__type":"Pointer","objectId":"x","className":"City"}"#,
            ),
            (
                r#"{"className":"City","__type":"Pointer","objectId":"x"}"#,
                r#"{"__type":"Pointer","objectId":"x","className":"City"}"#,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(canonical_text(text), expected, "{text}");
        }
    }
}
