//! Search for words in SQLite, with the answers that PostgreSQL gives for ordinary words.
//!
//! PostgreSQL splits text into words, drops those that say nothing (*the*, *of*), and compares stems. SQLite cannot do so
//! without a second copy of every text. It can compare two texts by a [`collation`] of ours, though: one side is the text of a row,
//! the other a question of [`question`], and they are "equal" if the text contains all words of the question.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashSet;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::collation;
use crate::plan::TextSearch;

/// The name of the collation.
pub(super) const COLLATION: &str = "portcullis_words";

/// The language of a search that names none.
pub(super) const DEFAULT_LANGUAGE: &str = "english";

/// What is looked for, as it travels to the collation.
#[derive(Debug, Serialize, Deserialize)]
struct Question<'a> {
    term: Cow<'a, str>,
    language: Cow<'a, str>,
    case: bool,
    marks: bool,
}

/// A question, ready to be put to many texts.
struct Prepared {
    text: String,
    language: Language,
    words: HashSet<String>,
    exact: HashSet<String>,
    marks: bool,
}

/// How words of a language are reduced to what they mean.
struct Language {
    stemmer: Option<Stemmer>,
    stop: HashSet<&'static str>,
}

/// The text of a question for the collation.
pub(super) fn question(search: &TextSearch) -> String {
    let question = Question {
        term: Cow::Borrowed(&search.term),
        language: Cow::Borrowed(search.language.as_deref().unwrap_or(DEFAULT_LANGUAGE)),
        case: search.case_sensitive,
        marks: search.diacritic_sensitive,
    };
    serde_json::to_string(&question).map(|asked| collation::question(COLLATION, &asked)).unwrap_or_default()
}

/// The comparison of the collation: equal if one is a question and the other contains all its words.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    thread_local! {
        static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
    }
    collation::compare(COLLATION, one, other, |question, text| {
        PREPARED.with_borrow_mut(|prepared| {
            if prepared.as_ref().is_none_or(|prepared| prepared.text != question) {
                *prepared = Prepared::new(question);
            }
            prepared.as_ref().is_some_and(|prepared| prepared.is_in(text))
        })
    })
}

/// The words of a text, as they are written.
pub(super) fn words(text: &str) -> Vec<String> {
    split(text).map(str::to_owned).collect()
}

/// The text without diacritics.
pub(super) fn without_marks(text: &str) -> String {
    text.nfd().filter(|character| !is_combining_mark(*character)).collect()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && !is_combining_mark(character))
        .filter(|word| !word.is_empty())
}

impl Prepared {
    fn new(text: &str) -> Option<Self> {
        let question: Question<'_> = serde_json::from_str(text).ok()?;
        let language = Language::new(&question.language);
        let term = if question.marks { question.term } else { Cow::Owned(without_marks(&question.term)) };
        let words = language.stems(&term).collect();
        let exact = if question.case { split(&term).map(str::to_owned).collect() } else { HashSet::new() };
        Some(Self { text: text.to_owned(), language, words, exact, marks: question.marks })
    }

    fn is_in(&self, text: &str) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let text = if self.marks { Cow::Borrowed(text) } else { Cow::Owned(without_marks(text)) };
        let stems: HashSet<String> = self.language.stems(&text).collect();
        let written: HashSet<&str> = split(&text).collect();
        self.words.is_subset(&stems) && self.exact.iter().all(|word| written.contains(word.as_str()))
    }
}

/// Languages by PostgreSQL's names, with its own stop words.
macro_rules! languages {
    ($name:ident: $($text:literal $algorithm:ident,)+) => {
        match $name {
            $($text => Some((Algorithm::$algorithm, include_str!(concat!("stop/", $text, ".txt")))),)+
            _ => None,
        }
    };
}

impl Language {
    fn new(name: &str) -> Self {
        let known = languages!(name:
            "danish" Danish,
            "dutch" Dutch,
            "english" English,
            "finnish" Finnish,
            "french" French,
            "german" German,
            "hungarian" Hungarian,
            "italian" Italian,
            "norwegian" Norwegian,
            "portuguese" Portuguese,
            "russian" Russian,
            "spanish" Spanish,
            "swedish" Swedish,
            "turkish" Turkish,
        );
        match known {
            Some((algorithm, stop)) => {
                Self { stemmer: Some(Stemmer::create(algorithm)), stop: stop.split_whitespace().collect() }
            }
            None => Self { stemmer: None, stop: HashSet::new() },
        }
    }

    /// The stems of a text's words, without those that say nothing.
    fn stems(&self, text: &str) -> impl Iterator<Item = String> {
        split(text).map(str::to_lowercase).filter(|word| !self.stop.contains(word.as_str())).map(|word| {
            match &self.stemmer {
                Some(stemmer) => stemmer.stem(&word).into_owned(),
                None => word,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{compare, question};
    use crate::plan::TextSearch;

    #[test]
    fn a_text_contains_all_words_in_some_form() {
        let search = |term: &str| TextSearch {
            term: term.to_owned(),
            language: None,
            case_sensitive: false,
            diacritic_sensitive: false,
        };
        let exact = |term: &str| TextSearch { case_sensitive: true, diacritic_sensitive: true, ..search(term) };
        let cases = [
            (search("run"), "She was running.", true),
            (search("Running shoes"), "a shoe to run in", true),
            (search("running boots"), "a shoe to run in", false),
            (search("the"), "the end", false),
            (search("the end"), "no end", true),
            (search(""), "anything", false),
            (search("cafe"), "Café au lait", true),
            (exact("café"), "Café au lait", false),
            (exact("Café"), "Café au lait", true),
            (exact("Cafe"), "Café au lait", false),
            (TextSearch { language: Some("german".into()), ..search("häuser") }, "ein Haus", true),
        ];
        for (search, text, expected) in cases {
            let question = question(&search);
            assert_eq!(compare(text, &question) == Ordering::Equal, expected, "{search:?} {text}");
            assert_eq!(compare(&question, text) == Ordering::Equal, expected, "{search:?} {text}");
        }
    }
}
