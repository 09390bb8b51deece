//! A rule of the grammar that `apollo-parser` passes over: in arguments and objects, each name has a value.
//!
//! It leaves out what has none, so `users(where: {username})` would find all users. It accepts such documents as of
//! version 0.8.7; everything else about syntax is left to it.

use std::iter::Peekable;
use std::str::CharIndices;

/// What a bracket opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Selection,
    /// Arguments or definitions of variables.
    Arguments,
    Object,
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Name,
    Punctuator(char),
    /// A number or a string.
    Literal,
}

/// The place of the first name without a value, in a document that is fine otherwise: its line and column.
pub(super) fn name_without_value(text: &str) -> Option<(usize, usize)> {
    let mut contexts = Vec::new();
    let mut before = Token::Punctuator('{');
    let mut tokens = Tokens { text: text.char_indices().peekable() }.peekable();
    while let Some((offset, token)) = tokens.next() {
        match token {
            Token::Punctuator('(') => contexts.push(Context::Arguments),
            Token::Punctuator('[') => contexts.push(Context::List),
            Token::Punctuator('{') => contexts.push(match contexts.last() {
                None | Some(Context::Selection) => Context::Selection,
                Some(Context::Arguments | Context::Object | Context::List) => Context::Object,
            }),
            Token::Punctuator(')' | ']' | '}') => {
                contexts.pop();
            }
            Token::Name if matches!(contexts.last(), Some(Context::Arguments | Context::Object)) => {
                let is_key = !matches!(before, Token::Punctuator(':' | '=' | '$' | '@'));
                let has_value = tokens.peek().is_some_and(|(_, next)| *next == Token::Punctuator(':'));
                if is_key && !has_value {
                    return Some(position(text, offset));
                }
            }
            Token::Name | Token::Literal | Token::Punctuator(_) => {}
        }
        before = token;
    }
    None
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The tokens of a document and where they begin.
struct Tokens<'a> {
    text: Peekable<CharIndices<'a>>,
}

impl Tokens<'_> {
    fn skip_while(&mut self, part: impl Fn(char) -> bool) {
        while self.text.next_if(|(_, sign)| part(*sign)).is_some() {}
    }

    fn next_is(&mut self, expected: char) -> bool {
        self.text.next_if(|(_, sign)| *sign == expected).is_some()
    }

    /// The rest of a string whose first quotation mark is read.
    fn skip_string(&mut self) {
        if !self.next_is('"') {
            self.skip_to_end(1);
        } else if self.next_is('"') {
            self.skip_to_end(3);
        }
    }

    /// Skips to the end of a string that so many quotation marks end.
    fn skip_to_end(&mut self, marks: usize) {
        let mut seen = 0;
        while let Some((_, sign)) = self.text.next() {
            match sign {
                '"' => seen += 1,
                '\\' => {
                    seen = 0;
                    if marks == 1 {
                        self.text.next();
                    } else if self.next_is('"') && self.next_is('"') {
                        self.next_is('"');
                    }
                }
                _ => seen = 0,
            }
            if seen == marks {
                return;
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (usize, Token);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (offset, sign) = self.text.next()?;
            let token = match sign {
                ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => continue,
                '#' => {
                    self.skip_while(|sign| !matches!(sign, '\n' | '\r'));
                    continue;
                }
                '"' => {
                    self.skip_string();
                    Token::Literal
                }
                '-' | '0'..='9' => {
                    self.skip_while(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '+' | '-'));
                    Token::Literal
                }
                'A'..='Z' | 'a'..='z' | '_' => {
                    self.skip_while(|sign| sign.is_ascii_alphanumeric() || sign == '_');
                    Token::Name
                }
                other => Token::Punctuator(other),
            };
            return Some((offset, token));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::name_without_value;

    #[test]
    fn names_in_arguments_and_objects_have_values() {
        let good = [
            "{ a b: c(d: 1, e: $f) @g(h: true) { i } ... on J @k { l } ...M }",
            "query ($a: [B!]! = [C], $d: E = {f: G, h: [{i: 1}, J]} @k(l: M), $n: O) { p }",
            "{ a(b: \"c { d\", e: \"\"\"f \\\"\"\" g(\"\"\", h: \"\", i: \"\\\"(\") { j } } # k(l)\n",
            "{ a(b: {c: D, e: {}}, f: -1.5e+3) }",
        ];
        for text in good {
            assert_eq!(name_without_value(text), None, "{text}");
        }
        let bad = [
            ("{ users(where: {username}) { count } }", (1, 17)),
            ("{ users(where) { count } }", (1, 9)),
            ("{\n  a(b: 1, c d: 2)\n}", (2, 11)),
            ("{ a(b: {c: D e f: 1}) }", (1, 14)),
            ("query ($a: B = {c}) { d }", (1, 17)),
            ("{ a(b: \"é\" c) }", (1, 12)),
        ];
        for (text, place) in bad {
            assert_eq!(name_without_value(text), Some(place), "{text}");
        }
    }
}
