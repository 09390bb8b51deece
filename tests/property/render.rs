//! Questions and changes as GraphQL documents.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::model::{
    Changes, ClassId, Clp, Cursor, Element, Filter, Group, List, Model, Operation, Pick, Principal, Question, Rights,
    RowId, Subquery, Test, Value, Write,
};

/// A document, and its variables.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) variables: Map<String, Json>,
    /// The response key of the answer.
    pub(crate) root: String,
}

/// Writes documents on one database.
struct Renderer<'m> {
    model: &'m Model,
    declared: Vec<String>,
    variables: Map<String, Json>,
}

/// A question. `cursor` knows the texts of cursors.
pub(crate) fn question(model: &Model, question: &Question, cursor: impl Fn(Cursor) -> String) -> Document {
    let mut renderer = Renderer { model, declared: Vec::new(), variables: Map::new() };
    let (root, text) = match question {
        Question::Get { row, global, picks } => {
            let class = model.class(row.class);
            let body = renderer.picks(row.class, picks);
            if *global {
                let id = renderer.variable("ID!", model.global_id(*row).into());
                ("node".to_owned(), format!("node(id: {id}) {{ ... on {} {{ {body} }} }}", class.type_name()))
            } else {
                let id = renderer.variable("ID!", id(model, *row));
                (class.singular(), format!("{}(id: {id}) {{ {body} }}", class.singular()))
            }
        }
        Question::List { class, list } => {
            let mut arguments = renderer.arguments(*class, list);
            for (name, place) in [("after", list.page.after), ("before", list.page.before)] {
                if let Some(place) = place {
                    let text = renderer.variable("String", cursor(place).into());
                    arguments.push(format!("{name}: {text}"));
                }
            }
            let name = model.class(*class).plural();
            (name.clone(), renderer.list(&name, *class, list, &arguments))
        }
    };
    renderer.document("query", &text, root)
}

/// The cursor of one row in an order, as the master sees it.
pub(crate) fn cursor_of(model: &Model, row: RowId, order: &[(&'static str, bool)]) -> Document {
    let mut renderer = Renderer { model, declared: Vec::new(), variables: Map::new() };
    let name = model.class(row.class).plural();
    let filter = json!({"objectId": {"equalTo": model.id(row)}});
    let filter = renderer.variable(&format!("{}WhereInput", model.class(row.class).type_name()), filter);
    let text = format!("{name}(where: {filter} {}) {{ edges {{ cursor }} }}", orders(order));
    renderer.document("query", &text, name)
}

/// A change. The answer shows `picks` of the object.
pub(crate) fn write(model: &Model, write: &Write, picks: &[Pick]) -> Document {
    let mut renderer = Renderer { model, declared: Vec::new(), variables: Map::new() };
    let class = model.class(write.row().class);
    let (verb, title, input) = match write {
        Write::Create { changes, .. } => ("create", "Create", json!({"fields": fields(model, changes)})),
        Write::Update { row, changes } => {
            ("update", "Update", json!({"id": id(model, *row), "fields": fields(model, changes)}))
        }
        Write::Delete { row } => ("delete", "Delete", json!({"id": id(model, *row)})),
    };
    let name = format!("{verb}{}", class.type_name());
    let input_type = format!("{title}{}Input!", class.type_name());
    let input = renderer.variable(&input_type, input);
    let body = renderer.picks(write.row().class, picks);
    let text = format!("{name}(input: {input}) {{ {} {{ {body} }} }}", class.singular());
    renderer.document("mutation", &text, name)
}

/// A change of the permissions of a class.
pub(crate) fn permissions(model: &Model, class: ClassId, clp: &Clp) -> Document {
    let mut renderer = Renderer { model, declared: Vec::new(), variables: Map::new() };
    let input = json!({"name": model.class(class).name, "classLevelPermissions": clp_json(model, clp)});
    let input = renderer.variable("UpdateClassInput!", input);
    let text = format!("updateClass(input: {input}) {{ class {{ name }} }}");
    renderer.document("mutation", &text, "updateClass".to_owned())
}

impl Renderer<'_> {
    fn document(self, kind: &str, text: &str, root: String) -> Document {
        let declared = if self.declared.is_empty() { String::new() } else { format!("({})", self.declared.join(", ")) };
        Document { text: format!("{kind}{declared} {{ {text} }}"), variables: self.variables, root }
    }

    fn variable(&mut self, kind: &str, value: Json) -> String {
        let name = format!("v{}", self.declared.len());
        self.declared.push(format!("${name}: {kind}"));
        self.variables.insert(name.clone(), value);
        format!("${name}")
    }

    fn picks(&mut self, class: ClassId, picks: &[Pick]) -> String {
        let mut text = vec!["objectId".to_owned()];
        for pick in picks {
            text.push(match pick {
                Pick::Plain(field) => (*field).to_owned(),
                Pick::Array(field) => {
                    format!("{field} {{ ... on Element {{ value }} ... on User {{ objectId }} }}")
                }
                Pick::Acl => {
                    "ACL { public { read write } users { userId read write } roles { roleName read write } }".to_owned()
                }
                Pick::Pointer(field, picks) => {
                    format!("{field} {{ {} }}", self.picks(self.model.target(class, field), picks))
                }
                Pick::Relation(field, list) => {
                    let target = self.model.target(class, field);
                    let arguments = self.arguments(target, list);
                    self.list(field, target, list, &arguments)
                }
            });
        }
        text.join(" ")
    }

    fn arguments(&mut self, class: ClassId, list: &List) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(condition) = &list.filter {
            let kind = format!("{}WhereInput", self.model.class(class).type_name());
            arguments.push(format!("where: {}", self.variable(&kind, filter(self.model, condition))));
        }
        if !list.order.is_empty() {
            arguments.push(orders(&list.order));
        }
        let page = [("skip", list.page.skip), ("first", list.page.first), ("last", list.page.last)];
        arguments.extend(page.iter().filter_map(|(name, number)| Some(format!("{name}: {}", (*number)?))));
        arguments
    }

    fn list(&mut self, name: &str, class: ClassId, list: &List, arguments: &[String]) -> String {
        let arguments = match arguments {
            [] => String::new(),
            arguments => format!("({})", arguments.join(", ")),
        };
        let mut parts = Vec::new();
        if list.count {
            parts.push("count".to_owned());
        }
        if list.page_info {
            parts.push("pageInfo { hasNextPage hasPreviousPage }".to_owned());
        }
        if let Some(picks) = &list.edges {
            parts.push(format!("edges {{ node {{ {} }} }}", self.picks(class, picks)));
        }
        format!("{name}{arguments} {{ {} }}", parts.join(" "))
    }
}

fn orders(order: &[(&'static str, bool)]) -> String {
    if order.is_empty() {
        return String::new();
    }
    let keys: Vec<_> =
        order.iter().map(|(field, down)| format!("{field}_{}", if *down { "DESC" } else { "ASC" })).collect();
    format!("order: [{}]", keys.join(", "))
}

/// An id in one of its two forms.
fn id(model: &Model, row: RowId) -> Json {
    if row.number.is_multiple_of(2) { model.id(row).into() } else { model.global_id(row).into() }
}

/// A condition. Those on different fields are written beside each other, others in lists.
pub(crate) fn filter(model: &Model, condition: &Filter) -> Json {
    let all = |parts: &[Filter]| Json::from(parts.iter().map(|part| filter(model, part)).collect::<Vec<_>>());
    match condition {
        Filter::And(parts) => {
            let names: BTreeSet<_> = parts.iter().filter_map(Filter::field).collect();
            if parts.is_empty() || names.len() < parts.len() {
                return json!({"AND": all(parts)});
            }
            let objects = parts.iter().map(|part| filter(model, part));
            let members = objects.filter_map(|object| object.as_object().cloned()).flatten();
            Json::Object(members.collect())
        }
        Filter::Or(parts) => json!({"OR": all(parts)}),
        Filter::Nor(parts) => json!({"NOR": all(parts)}),
        Filter::Field(field, tests) => {
            let tests: Map<String, Json> = tests.iter().map(|condition| test(model, condition)).collect();
            // Objects are named by their global ids, which conditions on `id` take.
            let field = if *field == "objectId" { "id" } else { field };
            Json::Object(Map::from_iter([(field.to_owned(), tests.into())]))
        }
    }
}

fn test(model: &Model, condition: &Test) -> (String, Json) {
    let operand = |operand: &Value| value(model, operand);
    let nullable = |operand: &Option<Value>| operand.as_ref().map_or(Json::Null, |operand| value(model, operand));
    let values = |operands: &[Option<Value>]| operands.iter().map(nullable).collect::<Vec<_>>().into();
    let elements = |elements: &[Element]| elements.iter().map(|part| element(model, part)).collect::<Vec<_>>().into();
    let (name, json) = match condition {
        Test::Equal(operand) => ("equalTo", nullable(operand)),
        Test::NotEqual(operand) => ("notEqualTo", nullable(operand)),
        Test::Less(than) => ("lessThan", operand(than)),
        Test::LessOrEqual(than) => ("lessThanOrEqualTo", operand(than)),
        Test::Greater(than) => ("greaterThan", operand(than)),
        Test::GreaterOrEqual(than) => ("greaterThanOrEqualTo", operand(than)),
        Test::In(operands) => ("in", values(operands)),
        Test::NotIn(operands) => ("notIn", values(operands)),
        Test::Begins(start) => ("matchesRegex", format!("^{start}").into()),
        Test::Exists(wanted) => ("exists", (*wanted).into()),
        Test::Have(inner) => ("have", filter(model, inner)),
        Test::HaveNot(inner) => ("haveNot", filter(model, inner)),
        Test::InKey(query) => ("inQueryKey", subquery(model, query)),
        Test::NotInKey(query) => ("notInQueryKey", subquery(model, query)),
        Test::AnyOf(any) => ("in", elements(any)),
        Test::NoneOf(none) => ("notIn", elements(none)),
        Test::AllOf(all) => ("contains", elements(all)),
    };
    (name.to_owned(), json)
}

fn subquery(model: &Model, query: &Subquery) -> Json {
    let condition = query.filter.as_ref().map_or(json!({}), |condition| filter(model, condition));
    json!({"key": query.key, "query": {"className": model.class(query.class).name, "where": condition}})
}

fn value(model: &Model, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Pointer(row) => id(model, *row),
        Value::Array(elements) => elements.iter().map(|part| element(model, part)).collect(),
    }
}

fn element(model: &Model, element: &Element) -> Json {
    match element {
        Element::User(user) => {
            json!({"__type": "Pointer", "className": "_User", "objectId": model.id(*user)})
        }
        Element::IdOf(user) => model.id(*user).into(),
        Element::Text(text) => text.as_str().into(),
    }
}

/// The `fields` of a mutation.
pub(crate) fn fields(model: &Model, changes: &Changes) -> Json {
    let mut fields = Map::new();
    for (field, new) in &changes.values {
        let json = match new {
            Value::Pointer(target) => json!({"link": id(model, *target)}),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Array(_) => value(model, new),
        };
        fields.insert((*field).to_owned(), json);
    }
    for (field, _, made) in &changes.made {
        fields.insert((*field).to_owned(), json!({"createAndLink": self::fields(model, made)}));
    }
    for (field, change) in &changes.links {
        let ids = |rows: &[RowId]| rows.iter().map(|row| id(model, *row)).collect::<Vec<_>>();
        let mut json = json!({"add": ids(&change.add), "remove": ids(&change.remove)});
        if !change.make.is_empty() {
            json["createAndAdd"] = change.make.iter().map(|(_, made)| self::fields(model, made)).collect();
        }
        fields.insert((*field).to_owned(), json);
    }
    if let Some(acl) = &changes.acl {
        fields.insert("ACL".to_owned(), acl_json(model, &acl.entries()));
    }
    Json::Object(fields)
}

/// An ACL; what nobody has is left out.
fn acl_json(model: &Model, entries: &[(&Principal, Rights)]) -> Json {
    let (mut acl, mut users, mut roles) = (Map::new(), Vec::new(), Vec::new());
    for (principal, Rights { read, write }) in entries {
        match principal {
            Principal::Public => drop(acl.insert("public".to_owned(), json!({"read": read, "write": write}))),
            Principal::User(user) => {
                users.push(json!({"userId": id(model, *user), "read": read, "write": write}));
            }
            Principal::Role(role) => roles.push(json!({"roleName": role, "read": read, "write": write})),
        }
    }
    for (name, list) in [("users", users), ("roles", roles)] {
        if !list.is_empty() {
            acl.insert(name.to_owned(), list.into());
        }
    }
    Json::Object(acl)
}

/// A `ClassLevelPermissionsInput`.
pub(crate) fn clp_json(model: &Model, clp: &Clp) -> Json {
    let mut json = Map::new();
    for operation in Operation::ALL {
        let Some(permission) = clp.permissions.get(&operation) else { continue };
        let users: Vec<_> = permission.users.iter().map(|user| id(model, *user)).collect();
        let permission = json!({
            "public": permission.public,
            "requiresAuthentication": permission.requires_authentication,
            "users": users,
            "roles": permission.roles,
            "pointerFields": permission.pointer_fields,
        });
        json.insert(operation.name().to_owned(), permission);
    }
    json.insert("readUserFields".to_owned(), json!(clp.read_user_fields));
    json.insert("writeUserFields".to_owned(), json!(clp.write_user_fields));
    let protected = clp.protected.iter().map(|(group, fields)| {
        let (key, value) = match group {
            Group::Public => ("public", json!(true)),
            Group::Authenticated => ("authenticated", json!(true)),
            Group::User(user) => ("user", id(model, *user)),
            Group::Role(role) => ("role", json!(role)),
            Group::UserField(field) => ("userField", json!(field)),
        };
        let mut entry = json!({"fields": fields});
        entry[key] = value;
        entry
    });
    json.insert("protectedFields".to_owned(), protected.collect());
    if let Some(default) = &clp.default_acl {
        let others: Vec<_> = default.others.iter().map(|(principal, rights)| (principal, *rights)).collect();
        let mut acl = acl_json(model, &others);
        if let Some(Rights { read, write }) = default.current_user {
            acl["currentUser"] = json!({"read": read, "write": write});
        }
        json.insert("defaultACL".to_owned(), acl);
    }
    Json::Object(json)
}
