//! Odd values of the scalars.

use serde_json::{Value as Json, json};

use super::{FILE, Generator};
use crate::names::Kind;
use crate::world::{PASSWORD, USER};

/// JSON of all kinds, as text, because some of it cannot be written in Rust.
pub(super) const JSON: [&str; 37] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "1.5",
    "1e308",
    "-1e308",
    "1e-320",
    "5e-324",
    "9007199254740993",
    "18446744073709551615",
    "-9223372036854775808",
    "2147483648",
    "\"\"",
    "\"a\"",
    "\"\\u0000\"",
    "\"NaN\"",
    "[]",
    "{}",
    "[null]",
    "[[[[[[]]]]]]",
    "[1, \"a\", null, {\"a\": [true]}]",
    "{\"a\": 1}",
    "{\"a\": {\"b\": {\"c\": [1, {\"d\": null}]}}}",
    "{\"a.b\": 1}",
    "{\"$gt\": 1}",
    "{\"\": \"\"}",
    "{\"a\\u0000b\": \"\\u0000\"}",
    "{\"__type\": \"Date\", \"iso\": \"2020-01-01T00:00:00.000Z\"}",
    "{\"__type\": \"Pointer\", \"className\": \"Thing\", \"objectId\": \"@@3@@\"}",
    "{\"__op\": \"Delete\"}",
    "{\"__type\": \"Relation\", \"className\": \"Other\"}",
    "{\"__type\": \"Pointer\"}",
];

/// Texts that something might trip over.
pub(super) const TEXTS: [&str; 38] = [
    "",
    "a",
    "A",
    " ",
    "foxes running",
    "the",
    "Straße",
    "STRASSE",
    "\u{0}",
    "a\u{0}b",
    "\u{1}\u{1f}\u{7f}",
    "\"",
    "'",
    "\\",
    "\\\\",
    "%",
    "_",
    "100%",
    "%s%n",
    "$1",
    "?",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "\u{FFFF}",
    "\u{1F600}\u{200D}\u{1F525}",
    "e\u{301}",
    "\u{202E}abc",
    "\u{FEFF}",
    "line\r\nline\u{2028}",
    "'; --",
    "{{a}}",
    "2020-01-01T00:00:00.000Z",
    "objectId",
    "*",
    ":::",
];

const REGEXES: [&str; 38] = [
    "",
    "a",
    "^a",
    "a$",
    "^$",
    ".*",
    ".",
    "(",
    ")",
    "[",
    "]",
    "[a-z]+",
    "[z-a]",
    "\\",
    "\\Q",
    "\\Qa.b\\E",
    "\\Qa",
    "(a+)+$",
    "(a|a)*b",
    "(?i)a",
    "(?P<n>a)",
    "(?<n>a)\\k<n>",
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "\\1",
    "a{1000}",
    "a{0,65535}",
    "(a{1000}){1000}",
    "\\p{L}",
    "\\p{Nope}",
    "\\u00e9",
    "\\x{110000}",
    "\\d\\w\\s\\b",
    "(?#x)",
    "^\\QStra\\E",
    "\u{1F600}",
    "a\u{0}",
];

const DATES: [&str; 22] = [
    "2020-01-01T00:00:00.000Z",
    "2005-02-28T23:59:59.005Z",
    "2020-02-30T00:00:00Z",
    "2019-02-29T00:00:00Z",
    "2020-12-31T24:00:00Z",
    "2020-12-31T24:59:59.999Z",
    "2020-06-30T23:59:60Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "10000-01-01T00:00:00Z",
    "+275760-09-13T00:00:00.000Z",
    "+275760-09-13T00:00:00.001Z",
    "-271821-04-20T00:00:00.000Z",
    "-271822-01-01T00:00:00Z",
    "999999-12-31T23:59:59Z",
    "2020-01-01",
    "2020-01",
    "2020",
    "2020-01-01T00:00:00+14:00",
    "2020-01-01T00:00:00-99:99",
    "2020-01-01T00:00:00.123456789Z",
    "2020-01-01T00:00:00",
];

const NUMBERS: [&str; 24] = [
    "0",
    "-0.0",
    "1",
    "2",
    "3",
    "-1",
    "1.5",
    "0.1",
    "100",
    "1000",
    "2147483647",
    "-2147483648",
    "2147483648",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e21",
    "1e308",
    "-1.7976931348623157e308",
    "5e-324",
    "1e-7",
    "90",
    "-180",
];

const FIELDS: [&str; 34] = [
    "text",
    "number",
    "array",
    "object",
    "link",
    "many",
    "objectId",
    "createdAt",
    "updatedAt",
    "ACL",
    "id",
    "owner",
    "place",
    "area",
    "file",
    "bytes",
    "date",
    "flag",
    "users",
    "parts",
    "text.a",
    "object.a",
    "object.b.c",
    "nothing",
    "",
    "$a",
    "1a",
    "__type",
    "_rperm",
    "password",
    "_hashed_password",
    "username",
    "a",
    "Text",
];

const CLASSES: [&str; 24] = [
    "Thing",
    "Other",
    "empty_class",
    "_User",
    "User",
    "_Role",
    "_Session",
    "_Installation",
    "Alpha",
    "Beta",
    "alpha",
    "Gamma",
    "Things",
    "Element",
    "ArrayResult",
    "Thing_",
    "Node",
    "Query",
    "",
    "1x",
    "a b",
    "_Join:many:Thing",
    "_Product",
    "ThingWhereInput",
];

impl Generator<'_> {
    /// A value of a scalar; what the argument is called says more.
    pub(super) fn scalar(&mut self, kind: &str, name: &str) -> Json {
        match kind {
            "Boolean" => json!(self.dice.percent(50)),
            "Int" => self.int(),
            "Float" => self.float(name),
            "ID" => self.id().into(),
            "Date" => {
                let date = self.dice.pick(&DATES);
                if self.dice.percent(20) { json!({"__type": "Date", "iso": date}) } else { json!(date) }
            }
            "Bytes" => {
                let bytes = self.dice.pick(&["", "AAECAw==", "AAE", "====", "not base64", "_-8=", "AA\n==", "\u{0}"]);
                if self.dice.percent(20) { json!({"__type": "Bytes", "base64": bytes}) } else { json!(bytes) }
            }
            "File" => {
                let files = self.names.of(|kind| *kind == Kind::File);
                let name =
                    self.dice.pick(&["a.txt", "", "nothing", "a/b", "\u{0}", "..", "http://localhost/files/app/a.txt"]);
                let name =
                    if files.is_empty() || self.dice.percent(50) { name.to_owned() } else { self.dice.pick(&files) };
                match self.dice.below(3) {
                    0 => json!({"__type": "File", "name": name}),
                    1 => json!({"__type": "File", "name": name, "url": self.text()}),
                    _ => json!(name),
                }
            }
            "Upload" => json!(FILE),
            "Object" if name == "authData" && self.dice.percent(60) => {
                let id = self.text();
                self.dice.pick(&[
                    json!({"anonymous": {"id": id}}),
                    json!({"facebook": {"id": id}}),
                    json!({"anonymous": null}),
                    json!({"anonymous": {"id": 1}}),
                ])
            }
            "Object" => self.json_object(0),
            "String" => self.string(name),
            _ => self.any(0),
        }
    }

    fn int(&mut self) -> Json {
        let numbers = [0, 1, 1, 2, 2, 3, 3, 5, 10, 100, 1000, -1, i32::MAX, i32::MIN];
        match self.dice.below(40) {
            0 if self.careless => json!(2_147_483_648_i64),
            1 if self.careless => json!(1.5),
            2 if self.careless => json!(2.0),
            _ => self.dice.pick(&numbers).into(),
        }
    }

    fn float(&mut self, name: &str) -> Json {
        if matches!(name, "latitude" | "longitude") && self.dice.percent(85) {
            return self.dice.pick(&[
                json!(0),
                json!(1),
                json!(8.5),
                json!(-45),
                json!(89.999_999_9),
                json!(90),
                json!(-90),
                json!(180),
            ]);
        }
        let text = self.dice.pick(&NUMBERS);
        serde_json::from_str(text).unwrap_or_default()
    }

    /// An id that exists, or does not, or is of another class.
    fn id(&mut self) -> String {
        if let (Some(class), true) = (self.class, self.dice.percent(70)) {
            let own = self.names.of(|kind| matches!(kind, Kind::Global(of) | Kind::Object(of) if of == class));
            if !own.is_empty() {
                return self.dice.pick(&own);
            }
        }
        let global = self.names.of(|kind| matches!(kind, Kind::Global(_)));
        let object = self.names.of(|kind| matches!(kind, Kind::Object(_)));
        match self.dice.below(10) {
            0..5 if !global.is_empty() => self.dice.pick(&global),
            5..8 if !object.is_empty() => self.dice.pick(&object),
            _ => {
                // Thing:nothing, Thing:, :, _User:\0, Thing:a:b, and a class that is none.
                let wrong = [
                    "",
                    "nothing",
                    "VGhpbmc6bm90aGluZw==",
                    "VGhpbmc6",
                    "Og==",
                    "X1VzZXI6AA==",
                    "VGhpbmc6YTpi",
                    "Tm9wZTpi",
                ];
                if self.dice.percent(50) { self.dice.pick(&wrong).to_owned() } else { self.text() }
            }
        }
    }

    pub(super) fn text(&mut self) -> String {
        match self.dice.below(50) {
            0 => "x".repeat(2000),
            1 => "x".repeat(self.dice.pick(&[63, 64, 128, 129, 255, 256, 1024])),
            2 => self.dice.pick(&REGEXES).to_owned(),
            _ => self.dice.pick(&TEXTS).to_owned(),
        }
    }

    fn string(&mut self, name: &str) -> Json {
        let known: &[&str] = match name {
            "matchesRegex" => &REGEXES,
            "options" => &["", "i", "m", "s", "x", "imsx", "g", "ii", "I", "\u{0}"],
            "language" => &["english", "none", "german", "simple", "klingon", "", "en", "ENGLISH", "\u{0}"],
            "term" => &[
                "fox",
                "foxes -running",
                "\"quick brown\"",
                "-",
                "--",
                "\"",
                "\"\"",
                "a",
                "the",
                "fox:*",
                "a & b",
                "!a",
                "( a",
                "Ünï",
                "\u{0}",
                "*",
                "AND OR NOT",
                "NEAR(a b)",
                "text:a",
            ],
            "className" | "targetClassName" => &CLASSES,
            "key" | "field" | "fields" => &FIELDS,
            "username" => &[USER, "bob", "ANN", "", "nobody", "\u{0}"],
            "password" => &[PASSWORD, "wrong", "", "\u{0}"],
            "email" => &["ann@example.org", "ANN@example.org", "x", "", "a@b", "\u{0}@b.c"],
            "paramName" => &["a", "b", "", "a.b", "$a", "\u{0}"],
            "roleName" => &["crew", "", "nobody", "*", "\u{0}", "role:crew"],
            "sessionToken" => &["r:nothing", "", "\u{0}"],
            "name" => match self.dice.below(3) {
                0 => &FIELDS,
                1 => &["a", "b", "c", "d", "crew", "by_number", "_id_"],
                _ => &CLASSES,
            },
            "after" | "before" => {
                return self.cursor().into();
            }
            "userId" => return self.id().into(),
            _ => &[],
        };
        if known.is_empty() || self.dice.percent(8) {
            return self.text().into();
        }
        let text = self.dice.pick(known).to_owned();
        if text == "sessionToken" { self.text().into() } else { text.into() }
    }

    /// A cursor that was once given, or one that is damaged.
    fn cursor(&mut self) -> String {
        let known = self.names.of(|kind| *kind == Kind::Cursor);
        if known.is_empty() || self.dice.percent(10) {
            return match self.dice.below(3) {
                0 => self.id(),
                // [], [null], [1,2], {}, {"k":[1]}, ["a","b"]
                1 => {
                    self.dice.pick(&["W10=", "W251bGxd", "WzEsMl0=", "e30=", "eyJrIjpbMV19", "WyJhIiwiYiJd"]).to_owned()
                }
                _ => self.text(),
            };
        }
        let mut cursor = self.dice.pick(&known);
        match self.dice.below(10) {
            0 => cursor.push('A'),
            1 => cursor.insert(0, 'A'),
            2 => cursor = format!("{cursor}{cursor}"),
            _ => {}
        }
        cursor
    }

    /// Any JSON.
    fn any(&mut self, depth: usize) -> Json {
        match self.dice.below(10) {
            0..5 => self.odd(),
            5 => self.text().into(),
            6 => self.id().into(),
            7 if depth < 4 => (0..self.dice.below(3)).map(|_| self.any(depth + 1)).collect(),
            8 if depth < 4 => self.json_object(depth + 1),
            9 if depth == 0 && self.dice.percent(5) => deep(self.dice.pick(&[20, 90, 190])),
            _ => self.float(""),
        }
    }

    fn json_object(&mut self, depth: usize) -> Json {
        let keys = [
            "a",
            "b",
            "c",
            "key with space",
            "a.b",
            "$a",
            "",
            "__type",
            "__op",
            "\u{0}",
            "ü",
            "'\"",
            "id",
            "{a}",
            "0",
            "-1",
            "facebook",
            "anonymous",
        ];
        (0..self.dice.below(4))
            .map(|_| {
                let key = if self.dice.percent(60) { self.dice.pick(&keys[..3]) } else { self.dice.pick(&keys) };
                (key.to_owned(), self.any(depth + 1))
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// An object as deep as this.
fn deep(depth: usize) -> Json {
    (0..depth).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({"a": inner}) })
}
