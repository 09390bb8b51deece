//! The answers to questions, as the JSON that the server should write.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{
    Acl, ClassId, DENIED, Element, Faults, Filter, List, NOT_FOUND, Operation, Pick, Principal, Question, RowId, Value,
    View,
};

/// An answer with data.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) data: Json,
    /// The numbers of the errors beside the data, if something in it is refused.
    pub(crate) faults: Faults,
}

/// Why something is not shown.
enum Stop {
    /// It fails, and with it the list that it is in: the root field, or a relation.
    Refused(Faults),
    /// It alone is null, or what shows it, as a relation cannot be null.
    Lost(Faults),
}

/// One reading of an answer.
struct Reader<'v> {
    view: &'v View<'v>,
    /// Relations of the question, by their place in memory, of which a part is refused. As the objects of a level are
    /// fetched together, all of them fail then, and not only the one with the refused part.
    refused: BTreeMap<usize, Faults>,
    found: RefCell<BTreeMap<usize, Faults>>,
    faults: RefCell<Faults>,
    /// The answer of a write: what is refused in it is left out, because the write has happened.
    after_write: bool,
}

impl View<'_> {
    /// The answer to a question, or the numbers of which the refusal has one.
    pub(crate) fn answer(&self, question: &Question) -> Result<Answer, Faults> {
        self.read(question, false)
    }

    fn read(&self, question: &Question, after_write: bool) -> Result<Answer, Faults> {
        let mut refused = BTreeMap::new();
        loop {
            let reader =
                Reader { view: self, refused, found: RefCell::default(), faults: RefCell::default(), after_write };
            let data = reader.root(question);
            let found = reader.found.into_inner();
            if found.is_empty() {
                let faults = reader.faults.into_inner();
                // What was lost inside of what is refused is told as well, and may be told first.
                return match data {
                    Ok(data) => Ok(Answer { data, faults }),
                    Err(refusal) => Err(&refusal | &faults),
                };
            }
            refused = reader.refused;
            refused.extend(found);
        }
    }

    /// What a change answers of the row that it wrote.
    pub(crate) fn object_after_write(&self, row: RowId, picks: &[Pick]) -> Json {
        let question = Question::Get { row, global: false, picks: picks.to_vec() };
        if let Ok(answer) = self.read(&question, true) {
            return answer.data;
        }
        // Who may write but not read learns the id, and nothing else.
        let nothing = picks.iter().map(|pick| {
            let nobody = matches!(pick, Pick::Acl).then(|| acl(self, &Acl::default()));
            (pick.field().to_owned(), nobody.unwrap_or_default())
        });
        Json::Object(std::iter::once(("objectId".to_owned(), self.model.id(row).into())).chain(nothing).collect())
    }

    /// Why a list is refused, whatever the rows. What is no proper question is refused before anybody looks at
    /// permissions.
    fn list_faults(&self, class: ClassId, list: &List, within: Within) -> Faults {
        let filter = list.filter.as_ref();
        let mut faults = list.page.faults();
        faults.extend(filter.into_iter().flat_map(Filter::faults));
        if !faults.is_empty() {
            return faults;
        }
        if list.count || list.page_info || list.page.is_from_end() {
            faults.extend(self.gate_faults(class, Operation::Count));
            faults.extend(self.particular_count_faults(class, filter, within));
        }
        if list.finds() {
            faults.extend(self.gate_faults(class, Operation::Find));
        }
        faults.extend(filter.into_iter().flat_map(|filter| self.filter_faults(class, filter)));
        let unusable = self.unusable(class);
        if list.order.iter().any(|(field, _)| unusable.contains(field)) {
            faults.insert(DENIED);
        }
        faults
    }
}

/// In what a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Class,
    Relation,
}

impl Reader<'_> {
    fn root(&self, question: &Question) -> Result<Json, Faults> {
        let shown = match question {
            Question::Get { row, picks, .. } => {
                refuse(self.view.gate_faults(row.class, Operation::Get))?;
                if !self.view.reads(Operation::Get, *row) {
                    return Err(Faults::from([NOT_FOUND]));
                }
                self.object(*row, picks)
            }
            Question::List { class, list } => {
                refuse(self.view.list_faults(*class, list, Within::Class))?;
                self.list(*class, list, None)
            }
        };
        shown.map_err(|(Stop::Refused(faults) | Stop::Lost(faults))| faults)
    }

    fn object(&self, row: RowId, picks: &[Pick]) -> Result<Json, Stop> {
        let hidden = self.view.hidden(row);
        let mut object = Map::from_iter([("objectId".to_owned(), Json::from(self.view.model.id(row)))]);
        let (mut refused, mut lost) = (Faults::new(), Faults::new());
        for pick in picks {
            let shown = if hidden.contains(pick.field()) && !matches!(pick, Pick::Relation(..)) {
                Ok(Json::Null)
            } else {
                self.part(row, pick)
            };
            match shown {
                Ok(shown) => drop(object.insert(pick.field().to_owned(), shown)),
                Err(Stop::Refused(more)) => refused.extend(more),
                Err(Stop::Lost(more)) => lost.extend(more),
            }
        }
        refuse(refused).map_err(Stop::Refused)?;
        refuse(lost).map_err(Stop::Lost)?;
        Ok(Json::Object(object))
    }

    fn part(&self, row: RowId, pick: &Pick) -> Result<Json, Stop> {
        let value = self.view.model.value(row, pick.field());
        match (pick, value) {
            (Pick::Acl, _) => Ok(acl(self.view, &self.view.model.rows[&row].acl)),
            (Pick::Plain(_), Value::Text(text)) => Ok(text.into()),
            (Pick::Plain(_), Value::Number(number)) => Ok(json_number(number)),
            (Pick::Plain(_), Value::Flag(flag)) => Ok(flag.into()),
            (Pick::Array(_), Value::Array(elements)) => self.array(&elements),
            (Pick::Pointer(_, picks), Value::Pointer(target)) => self.pointed(target, picks),
            (Pick::Relation(field, list), _) => self.relation(row, field, list, std::ptr::from_ref(pick).addr()),
            (Pick::Plain(_) | Pick::Array(_) | Pick::Pointer(..), _) => Ok(Json::Null),
        }
    }

    /// The members of a relation. A relation cannot be null, so a protected one is refused, as are conditions on it.
    fn relation(&self, row: RowId, field: &str, list: &List, place: usize) -> Result<Json, Stop> {
        let target = self.view.model.target(row.class, field);
        let mut faults = self.view.list_faults(target, list, Within::Relation);
        if self.view.unusable(row.class).contains(field) {
            faults.insert(DENIED);
        }
        faults.extend(self.refused.get(&place).into_iter().flatten());
        if self.after_write && !faults.is_empty() {
            return Ok(empty(list));
        }
        refuse(faults).map_err(Stop::Lost)?;
        self.list(target, list, Some(&self.view.model.links(row, field))).map_err(|stop| {
            let (Stop::Refused(faults) | Stop::Lost(faults)) = stop;
            self.found.borrow_mut().insert(place, faults.clone());
            Stop::Lost(faults)
        })
    }

    /// What a pointer points to: null if the caller may not get the row, a refusal if not even the class.
    fn pointed(&self, target: RowId, picks: &[Pick]) -> Result<Json, Stop> {
        let faults = self.view.gate_faults(target.class, Operation::Get);
        if self.after_write && !faults.is_empty() {
            return Ok(Json::Null);
        }
        refuse(faults).map_err(Stop::Refused)?;
        if self.view.reads(Operation::Get, target) { self.nullable(self.object(target, picks)) } else { Ok(Json::Null) }
    }

    /// Null in place of what is lost.
    fn nullable(&self, shown: Result<Json, Stop>) -> Result<Json, Stop> {
        match shown {
            Err(Stop::Lost(faults)) => {
                self.faults.borrow_mut().extend(faults);
                Ok(Json::Null)
            }
            shown => shown,
        }
    }

    fn array(&self, elements: &[Element]) -> Result<Json, Stop> {
        let mut shown = Vec::new();
        for element in elements {
            match element {
                Element::Text(text) => shown.push(json!({"value": text})),
                Element::IdOf(user) => shown.push(json!({"value": self.view.model.id(*user)})),
                Element::User(user) => shown.push(self.pointed(*user, &[])?),
            }
        }
        shown.retain(|element| !element.is_null());
        Ok(shown.into())
    }

    fn list(&self, class: ClassId, list: &List, members: Option<&BTreeSet<RowId>>) -> Result<Json, Stop> {
        let (view, model) = (self.view, self.view.model);
        let wanted = |row: &RowId| {
            members.is_none_or(|members| members.contains(row))
                && list.filter.as_ref().is_none_or(|filter| view.holds(*row, filter))
        };
        let mut answer = Map::new();
        if list.count {
            let count = model.rows_of(class).filter(|row| view.counts(*row) && wanted(row)).count();
            answer.insert("count".to_owned(), count.into());
        }
        let mut rows: Vec<RowId> = Vec::new();
        if list.finds() {
            rows.extend(model.rows_of(class).filter(|row| view.reads(Operation::Find, *row) && wanted(row)));
        }
        view.sort(list, &mut rows);
        let page = view.page(list, &rows);
        if list.page_info {
            // A cursor stands for something before or behind the page, even if nobody can see it any more, and so does
            // what is passed over, even if there is not that much.
            let passed = list.page.after.is_some() || list.page.skip.is_some_and(|skip| skip > 0);
            let previous = page.start > 0 || (passed && !rows.is_empty());
            let next = if passed && page.is_empty() && list.page.before.is_some() {
                view.passed_over(list, &rows) < rows.len()
            } else {
                page.end < rows.len() || list.page.before.is_some()
            };
            let info = json!({"hasPreviousPage": previous, "hasNextPage": next});
            answer.insert("pageInfo".to_owned(), info);
        }
        if let Some(picks) = &list.edges {
            let mut refused = Faults::new();
            let mut edges = Vec::new();
            for row in &rows[page] {
                match self.nullable(self.object(*row, picks)) {
                    Ok(node) => edges.push(json!({ "node": node })),
                    Err(Stop::Refused(more) | Stop::Lost(more)) => refused.extend(more),
                }
            }
            refuse(refused).map_err(Stop::Refused)?;
            answer.insert("edges".to_owned(), edges.into());
        }
        Ok(Json::Object(answer))
    }
}

/// A list without anything in it.
fn empty(list: &List) -> Json {
    let mut answer = Map::new();
    if list.count {
        answer.insert("count".to_owned(), 0.into());
    }
    if list.page_info {
        answer.insert("pageInfo".to_owned(), json!({"hasPreviousPage": false, "hasNextPage": false}));
    }
    if list.edges.is_some() {
        answer.insert("edges".to_owned(), json!([]));
    }
    Json::Object(answer)
}

impl List {
    /// True if rows are wanted, and not only their number.
    pub(crate) const fn finds(&self) -> bool {
        self.edges.is_some() || self.page_info
    }

    /// The list with another condition beside its own.
    pub(crate) fn narrowed(&self, filter: Filter) -> Self {
        let both = self.filter.iter().cloned().chain([filter]).collect();
        Self { filter: Some(Filter::And(both)), ..self.clone() }
    }
}

impl Pick {
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Plain(field) | Self::Array(field) | Self::Pointer(field, _) | Self::Relation(field, _) => field,
            Self::Acl => "ACL",
        }
    }
}

fn refuse(faults: Faults) -> Result<(), Faults> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whole numbers are written without a fraction.
fn json_number(number: f64) -> Json {
    serde_json::from_str(&number.to_string()).expect("a number")
}

/// An ACL; an empty part is null.
fn acl(view: &View<'_>, acl: &Acl) -> Json {
    let (mut public, mut users, mut roles) = (Json::Null, Vec::new(), Vec::new());
    for (principal, rights) in acl.entries() {
        let (read, write) = (rights.read, rights.write);
        match principal {
            Principal::Public => public = json!({"read": read, "write": write}),
            Principal::User(user) => {
                let id = view.model.global_id(*user);
                users.push(json!({"userId": id, "read": read, "write": write}));
            }
            Principal::Role(role) => roles.push(json!({"roleName": role, "read": read, "write": write})),
        }
    }
    let list = |items: Vec<Json>| if items.is_empty() { Json::Null } else { items.into() };
    normalise(json!({"public": public, "users": list(users), "roles": list(roles)}))
}

/// Entries of ACLs have no order; here they get one.
pub(crate) fn normalise(mut json: Json) -> Json {
    match &mut json {
        Json::Object(members) => {
            for (key, member) in members.iter_mut() {
                *member = normalise(member.take());
                if let ("users" | "roles", Json::Array(items)) = (key.as_str(), member) {
                    items.sort_by_key(ToString::to_string);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| *item = normalise(item.take())),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    json
}
