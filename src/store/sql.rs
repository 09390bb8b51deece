//! Text of statements and the values that belong to it.
//!
//! **Invariant:** no value becomes part of the text. Names are quoted, and come from the catalog; values are parameters.
//! In PostgreSQL each parameter says its type, because the driver keeps prepared statements by their text: the same text
//! must never mean another type after a field was removed and added again.

use std::fmt::Write as _;

use sea_orm::{Statement, Value as Parameter};
use serde_json::Value as Json;

use super::dialect::Dialect;
use super::json;
use crate::value::Date;

/// A statement in the making.
#[derive(Debug)]
pub(super) struct Sql {
    dialect: Dialect,
    text: String,
    values: Vec<Parameter>,
    tables: u32,
}

/// The short name of a table in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alias(u32);

/// A column of a table in a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The table.
    pub(super) table: Alias,
    /// The column's name.
    pub(super) name: &'a str,
}

impl Alias {
    /// A column of this table.
    pub(super) const fn place(self, name: &str) -> Place<'_> {
        Place { table: self, name }
    }
}

impl Sql {
    pub(super) const fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::new(), values: Vec::new(), tables: 0 }
    }

    /// The statement that begins so.
    pub(super) fn from(dialect: Dialect, text: &str) -> Self {
        let mut sql = Self::new(dialect);
        sql.push(text);
        sql
    }

    pub(super) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// A short name that no other table of the statement has.
    pub(super) const fn alias(&mut self) -> Alias {
        let alias = Alias(self.tables);
        self.tables += 1;
        alias
    }

    /// Adds text that was written by us.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a number that was computed by us.
    pub(super) fn push_number(&mut self, number: u64) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{number}");
        self
    }

    /// Adds a quoted name.
    pub(super) fn ident(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        self.text.push_str(&name.replace('"', "\"\""));
        self.text.push('"');
        self
    }

    /// Adds the short name of a table.
    pub(super) fn table(&mut self, alias: Alias) -> &mut Self {
        let _ = write!(self.text, "t{}", alias.0);
        self
    }

    /// Adds `"name" AS t0`.
    pub(super) fn named(&mut self, name: &str, alias: Alias) -> &mut Self {
        self.ident(name).push(" AS ").table(alias)
    }

    /// Adds a column of a table.
    pub(super) fn column(&mut self, alias: Alias, name: &str) -> &mut Self {
        self.table(alias).push(".").ident(name)
    }

    /// Adds a column of a table.
    pub(super) fn place(&mut self, place: Place<'_>) -> &mut Self {
        self.column(place.table, place.name)
    }

    /// Adds a text.
    pub(super) fn text(&mut self, value: impl Into<String>) -> &mut Self {
        self.bind(value.into().into(), "text")
    }

    /// Adds a double.
    pub(super) fn number(&mut self, value: f64) -> &mut Self {
        self.bind(value.into(), "float8")
    }

    /// Adds a whole number.
    pub(super) fn integer(&mut self, value: i64) -> &mut Self {
        self.bind(value.into(), "int8")
    }

    /// Adds true or false.
    pub(super) fn boolean(&mut self, value: bool) -> &mut Self {
        self.bind(value.into(), "bool")
    }

    /// Adds an instant: SQLite keeps its milliseconds.
    pub(super) fn date(&mut self, value: Date) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => self.bind(value.to_utc().into(), "timestamptz"),
            Dialect::Sqlite => self.bind(value.millis().into(), ""),
        }
    }

    /// Adds a JSON value; in SQLite its canonical text.
    pub(super) fn json(&mut self, value: &Json) -> &mut Self {
        self.bind(json::canonical(value).into(), "jsonb")
    }

    /// Adds JSON text that has been parsed before; in SQLite its canonical form.
    pub(super) fn json_text(&mut self, text: &str) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => self.bind(text.into(), "jsonb"),
            Dialect::Sqlite => self.bind(json::canonical_text(text).into(), ""),
        }
    }

    /// Adds several texts as one parameter: an array in PostgreSQL, a JSON array in SQLite.
    pub(super) fn texts<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => {
                let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
                self.bind(values.into(), "text[]")
            }
            Dialect::Sqlite => {
                let values: Vec<Json> = values.into_iter().map(Json::from).collect();
                self.bind(Json::from(values).to_string().into(), "")
            }
        }
    }

    /// Adds the condition that what comes before it is one of these texts. The statement does not depend on how many
    /// there are, except that one is compared directly.
    pub(super) fn is_one_of<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let values: Vec<&str> = values.into_iter().collect();
        match (values.as_slice(), self.dialect) {
            ([value], _) => self.push(" = ").text(*value),
            (_, Dialect::Postgres) => self.push(" = ANY(").texts(values).push(")"),
            (_, Dialect::Sqlite) => self.push(r#" IN (SELECT "value" FROM json_each("#).texts(values).push("))"),
        }
    }

    /// Adds something for each item, with a separator between.
    pub(super) fn separated<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut add: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self.push(separator);
            }
            add(self, item);
        }
        self
    }

    /// The statement, for who may have to run it elsewhere, too.
    pub(super) fn to_statement(&self) -> Statement {
        Statement::from_sql_and_values(self.dialect.backend(), self.text.as_str(), self.values.iter().cloned())
    }

    pub(super) fn into_statement(self) -> Statement {
        Statement::from_sql_and_values(self.dialect.backend(), self.text, self.values)
    }

    /// The same statement behind a word.
    #[cfg(test)]
    pub(super) fn behind(self, word: &str) -> Self {
        Self { text: format!("{word}{}", self.text), ..self }
    }

    /// The text, for those who look at it.
    #[cfg(test)]
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    fn bind(&mut self, value: Parameter, kind: &str) -> &mut Self {
        self.values.push(value);
        let number = self.values.len();
        let _ = match self.dialect {
            Dialect::Postgres => write!(self.text, "${number}::{kind}"),
            Dialect::Sqlite => write!(self.text, "?{number}"),
        };
        self
    }
}
