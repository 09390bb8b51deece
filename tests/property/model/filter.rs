//! Conditions: what they mean for a row, and when they may be asked.

use std::cmp::Ordering;

use super::{BAD_QUERY, ClassId, DENIED, Element, Faults, Gate, Kind, Operation, RowId, USER, Value, View};

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Nor(Vec<Self>),
    Field(&'static str, Vec<Test>),
}

/// A test of one field. Operands that are `None` are null.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Equal(Option<Value>),
    NotEqual(Option<Value>),
    Less(Value),
    LessOrEqual(Value),
    Greater(Value),
    GreaterOrEqual(Value),
    In(Vec<Option<Value>>),
    NotIn(Vec<Option<Value>>),
    /// The text begins so.
    Begins(&'static str),
    Exists(bool),
    Have(Box<Filter>),
    HaveNot(Box<Filter>),
    InKey(Subquery),
    NotInKey(Subquery),
    /// An array has one of these.
    AnyOf(Vec<Element>),
    NoneOf(Vec<Element>),
    AllOf(Vec<Element>),
}

/// The values of a field in the rows of another query.
#[derive(Debug, Clone)]
pub(crate) struct Subquery {
    pub(crate) class: ClassId,
    pub(crate) key: &'static str,
    pub(crate) filter: Option<Box<Filter>>,
}

impl Filter {
    /// It holds for every row, whatever is in it.
    pub(super) fn asks_nothing(&self) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(Self::asks_nothing),
            Self::Field(_, tests) => tests.is_empty(),
            Self::Or(_) | Self::Nor(_) => false,
        }
    }

    /// What is wrong with the condition whoever asks: only NOR of nothing.
    pub(super) fn faults(&self) -> Faults {
        match self {
            Self::Nor(parts) if parts.is_empty() => Faults::from([BAD_QUERY]),
            Self::And(parts) | Self::Or(parts) | Self::Nor(parts) => parts.iter().flat_map(Self::faults).collect(),
            Self::Field(_, tests) => tests.iter().flat_map(Test::faults).collect(),
        }
    }

    /// The field, if it is a condition on a single one.
    pub(crate) const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(field, _) => Some(field),
            Self::And(_) | Self::Or(_) | Self::Nor(_) => None,
        }
    }
}

impl Test {
    fn faults(&self) -> Faults {
        match self {
            Self::Have(inner) | Self::HaveNot(inner) => inner.faults(),
            Self::InKey(query) | Self::NotInKey(query) => {
                query.filter.as_ref().map(|filter| filter.faults()).unwrap_or_default()
            }
            Self::Equal(_)
            | Self::NotEqual(_)
            | Self::Less(_)
            | Self::LessOrEqual(_)
            | Self::Greater(_)
            | Self::GreaterOrEqual(_)
            | Self::In(_)
            | Self::NotIn(_)
            | Self::Begins(_)
            | Self::Exists(_)
            | Self::AnyOf(_)
            | Self::NoneOf(_)
            | Self::AllOf(_) => Faults::new(),
        }
    }
}

impl View<'_> {
    /// Why a condition may not be asked: protected fields, and classes where the caller may not find. Nothing of it depends on rows.
    pub(super) fn filter_faults(&self, class: ClassId, filter: &Filter) -> Faults {
        match filter {
            Filter::And(all) | Filter::Or(all) | Filter::Nor(all) => {
                all.iter().flat_map(|part| self.filter_faults(class, part)).collect()
            }
            Filter::Field(field, tests) => {
                let mut faults = Faults::new();
                if self.unusable(class).contains(field) {
                    faults.insert(DENIED);
                }
                for test in tests {
                    faults.extend(self.test_faults(class, field, test));
                }
                faults
            }
        }
    }

    fn test_faults(&self, class: ClassId, field: &str, test: &Test) -> Faults {
        match test {
            Test::Have(inner) | Test::HaveNot(inner) => {
                let target = self.model.target(class, field);
                let mut faults = self.gate_faults(target, Operation::Find);
                faults.extend(self.filter_faults(target, inner));
                faults
            }
            Test::InKey(query) | Test::NotInKey(query) => {
                let mut faults = self.gate_faults(query.class, Operation::Find);
                if self.unusable(query.class).contains(query.key) {
                    faults.insert(DENIED);
                }
                if let Some(filter) = &query.filter {
                    faults.extend(self.filter_faults(query.class, filter));
                }
                faults
            }
            Test::Equal(_)
            | Test::NotEqual(_)
            | Test::Less(_)
            | Test::LessOrEqual(_)
            | Test::Greater(_)
            | Test::GreaterOrEqual(_)
            | Test::In(_)
            | Test::NotIn(_)
            | Test::Begins(_) => Faults::new(),
            Test::Exists(_) => match self.model.class(class).kind(field) {
                Kind::Relation(target) => self.gate_faults(target, Operation::Find),
                Kind::Text | Kind::Number | Kind::Flag | Kind::Pointer(_) | Kind::Array => Faults::new(),
            },
            Test::AnyOf(elements) | Test::NoneOf(elements) | Test::AllOf(elements) => {
                let mentions_users = elements.iter().any(|element| matches!(element, Element::User(_)));
                if mentions_users { self.gate_faults(USER, Operation::Get) } else { Faults::new() }
            }
        }
    }

    /// Why a class refuses an operation, if it does.
    pub(super) fn gate_faults(&self, class: ClassId, operation: Operation) -> Faults {
        match self.gate(class, operation) {
            Gate::Closed(code) => Faults::from([code]),
            Gate::Open | Gate::Rows(_) => Faults::new(),
        }
    }

    /// The condition holds for a row.
    pub(super) fn holds(&self, row: RowId, filter: &Filter) -> bool {
        match filter {
            Filter::And(all) => all.iter().all(|part| self.holds(row, part)),
            Filter::Or(all) => all.iter().any(|part| self.holds(row, part)),
            Filter::Nor(all) => !all.iter().any(|part| self.holds(row, part)),
            Filter::Field(field, tests) => tests.iter().all(|test| self.meets(row, field, test)),
        }
    }

    fn meets(&self, row: RowId, field: &'static str, wanted: &Test) -> bool {
        let value = self.model.value(row, field);
        let compares = |operand: &Value, orders: &[Ordering]| {
            self.compare(&value, operand).is_some_and(|order| orders.contains(&order))
        };
        let equals = |operand: &Option<Value>| match operand {
            None => value == Value::Null,
            Some(operand) => compares(operand, &[Ordering::Equal]),
        };
        match wanted {
            Test::Equal(operand) => equals(operand),
            Test::NotEqual(operand) => !equals(operand),
            Test::Less(operand) => compares(operand, &[Ordering::Less]),
            Test::LessOrEqual(operand) => compares(operand, &[Ordering::Less, Ordering::Equal]),
            Test::Greater(operand) => compares(operand, &[Ordering::Greater]),
            Test::GreaterOrEqual(operand) => compares(operand, &[Ordering::Greater, Ordering::Equal]),
            Test::In(operands) => operands.iter().any(equals),
            Test::NotIn(operands) => !operands.iter().any(equals),
            Test::Begins(start) => matches!(&value, Value::Text(text) if text.starts_with(start)),
            Test::Exists(there) => {
                let linked = self.model.links(row, field).iter().any(|link| self.reads(Operation::Find, *link));
                (value != Value::Null || linked) == *there
            }
            Test::Have(inner) => self.has(row, field, inner),
            Test::HaveNot(inner) => !self.has(row, field, inner),
            Test::InKey(query) => self.is_in_key(&value, query),
            Test::NotInKey(query) => !self.is_in_key(&value, query),
            Test::AnyOf(elements) => elements.iter().any(|element| self.contains(&value, element)),
            Test::NoneOf(elements) => !elements.iter().any(|element| self.contains(&value, element)),
            Test::AllOf(elements) => {
                value != Value::Null && elements.iter().all(|element| self.contains(&value, element))
            }
        }
    }

    /// The pointer, or a link of the relation, leads to a row that the caller finds and that meets the condition.
    fn has(&self, row: RowId, field: &'static str, inner: &Filter) -> bool {
        let mut leads_to = self.model.links(row, field);
        if let Value::Pointer(target) = self.model.value(row, field) {
            leads_to.insert(target);
        }
        leads_to.into_iter().any(|target| self.reads(Operation::Find, target) && self.holds(target, inner))
    }

    fn is_in_key(&self, value: &Value, query: &Subquery) -> bool {
        let found = self.model.rows_of(query.class).filter(|row| {
            self.reads(Operation::Find, *row) && query.filter.as_ref().is_none_or(|filter| self.holds(*row, filter))
        });
        let mut values = found.map(|row| self.model.value(row, query.key));
        *value != Value::Null && values.any(|known| self.compare(value, &known) == Some(Ordering::Equal))
    }

    /// How two values of one kind compare; missing values do not. An id is a text.
    fn compare(&self, one: &Value, other: &Value) -> Option<Ordering> {
        match (one, other) {
            (Value::Text(id), Value::Pointer(row)) => Some(id.as_str().cmp(self.model.id(*row))),
            (Value::Text(one), Value::Text(other)) => Some(one.as_bytes().cmp(other.as_bytes())),
            (Value::Number(one), Value::Number(other)) => one.partial_cmp(other),
            (Value::Flag(one), Value::Flag(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }

    /// An array contains the element, and shows it: a pointer to a user whom the caller cannot read is not shown.
    fn contains(&self, value: &Value, element: &Element) -> bool {
        let shown = match element {
            Element::User(user) => self.reads(Operation::Get, *user),
            Element::IdOf(_) | Element::Text(_) => true,
        };
        shown && matches!(value, Value::Array(elements) if elements.contains(element))
    }
}
