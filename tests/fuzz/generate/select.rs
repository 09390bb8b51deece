//! Selections: fields, fragments, aliases, directives.

use std::fmt::Write as _;

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition};
use apollo_compiler::schema::ExtendedType;

use super::{Generator, class_in};

/// How deep selections are nested.
const DEEP: usize = 9;

impl Generator<'_> {
    /// The names of the fields of a type.
    pub(super) fn fields(&self, kind: &str) -> Option<Vec<String>> {
        let names: Vec<String> = match self.schema.types.get(kind)? {
            ExtendedType::Object(object) => object.fields.keys().map(ToString::to_string).collect(),
            ExtendedType::Interface(interface) => interface.fields.keys().map(ToString::to_string).collect(),
            _ => return None,
        };
        (!names.is_empty()).then_some(names)
    }

    fn definition(&self, kind: &str, field: &str) -> Option<FieldDefinition> {
        match self.schema.types.get(kind)? {
            ExtendedType::Object(object) => object.fields.get(field).map(|field| FieldDefinition::clone(field)),
            ExtendedType::Interface(interface) => {
                interface.fields.get(field).map(|field| FieldDefinition::clone(field))
            }
            _ => None,
        }
    }

    /// A selection of a type, in braces.
    pub(super) fn selection(&mut self, kind: &str, depth: usize) -> String {
        let mut text = "{ ".to_owned();
        if depth > DEEP || self.budget == 0 {
            text.push_str(if self.slip(2) { "" } else { "__typename " });
            text.push('}');
            return text;
        }
        let all = self.fields(kind);
        let narrow = self.narrower(kind);
        let wanted = 1 + self.dice.below(if depth < 4 { 5 } else { 3 });
        for _ in 0..wanted {
            match self.dice.below(100) {
                0..6 => text.push_str("__typename "),
                6..14 => text.push_str(&self.inline(kind, depth)),
                14..20 => text.push_str(&self.spread(kind, depth)),
                20..60 if !narrow.is_empty() => text.push_str(&self.inline(kind, depth)),
                20 if self.slip(10) => text.push_str("nothing "),
                _ => match &all {
                    Some(all) => {
                        let mut name = self.dice.pick(all);
                        // What leads on is worth more than what ends here.
                        let path = ["edges", "node", "viewer", "user"];
                        if let (Some(on), true) =
                            (all.iter().find(|name| path.contains(&name.as_str())), self.dice.percent(60))
                        {
                            name.clone_from(on);
                        }
                        text.push_str(&self.field(kind, &name, depth));
                        text.push(' ');
                    }
                    None => text.push_str("__typename "),
                },
            }
        }
        text.push('}');
        text
    }

    /// A field with its arguments and selection.
    pub(super) fn field(&mut self, kind: &str, name: &str, depth: usize) -> String {
        let Some(definition) = self.definition(kind, name) else { return name.to_owned() };
        self.budget = self.budget.saturating_sub(1);
        self.class = class_in(definition.ty.inner_named_type()).or_else(|| class_in(name));
        let arguments = self.arguments(&definition.arguments);
        let mut text = String::new();
        let composite = self.is_composite(definition.ty.inner_named_type());
        let chance = if depth == 0 || !arguments.is_empty() {
            96
        } else if composite {
            40
        } else {
            12
        };
        if self.dice.percent(chance) {
            let number = self.number();
            let _ = write!(text, "{name}_{number}: ");
        }
        text.push_str(name);
        text.push_str(&arguments);
        text.push_str(&self.directives());
        if composite && !self.slip(2) {
            text.push(' ');
            text.push_str(&self.selection(definition.ty.inner_named_type(), depth + 1));
        } else if self.slip(1) {
            text.push_str(" { nothing }");
        }
        text
    }

    fn is_composite(&self, kind: &str) -> bool {
        let kind = self.schema.types.get(kind);
        matches!(kind, Some(ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_)))
    }

    fn arguments(&mut self, definitions: &[apollo_compiler::Node<InputValueDefinition>]) -> String {
        let mut given = Vec::new();
        for definition in definitions {
            let chance = match definition.name.as_str() {
                "where" => 65,
                "options" => 3,
                "first" | "order" => 30,
                "last" | "after" | "before" | "skip" => 12,
                _ => 35,
            };
            if definition.is_required() && !self.slip(4) || self.dice.percent(chance) {
                let value = self.argument(definition);
                given.push(format!("{}: {value}", definition.name));
            }
        }
        if self.slip(1) {
            given.push("nothing: 1".to_owned());
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }

    pub(super) fn directives(&mut self) -> String {
        if !self.dice.percent(5) {
            return String::new();
        }
        let condition = match self.dice.below(8) {
            4 if self.careless => "null".to_owned(),
            5 if self.careless => "\"true\"".to_owned(),
            0..3 => "true".to_owned(),
            3..6 => "false".to_owned(),
            _ => self.variable("Boolean!", Some(serde_json::json!(true)), None),
        };
        let name = if self.slip(20) { "nothing" } else { self.dice.pick(&["skip", "include", "include"]) };
        format!(" @{name}(if: {condition})")
    }

    fn inline(&mut self, kind: &str, depth: usize) -> String {
        let on = self.condition(kind);
        let inner = self.selection(&on, depth + 1);
        let directives = self.directives();
        if on == kind && self.dice.percent(30) {
            return format!("...{directives} {inner} ");
        }
        format!("... on {on}{directives} {inner} ")
    }

    /// The spread of a fragment, which is mostly new.
    pub(super) fn spread(&mut self, kind: &str, depth: usize) -> String {
        let directives = self.directives();
        let known = self.fragments.iter().find(|(_, on, _)| on == kind).map(|(name, ..)| name.clone());
        if let (Some(known), true) = (known, self.dice.percent(50)) {
            return format!("...{known}{directives} ");
        }
        if self.slip(3) {
            return "...Missing ".to_owned();
        }
        let name = format!("F{}", self.number());
        let on = self.condition(kind);
        let mut body = self.selection(&on, depth + 1);
        if self.slip(3) {
            // It contains itself.
            body = format!("{{ ...{name} }}");
        }
        self.fragments.push((name.clone(), on, body));
        format!("...{name}{directives} ")
    }

    /// A type that a fragment inside another can be of.
    fn condition(&mut self, kind: &str) -> String {
        let narrow = self.narrower(kind);
        if !narrow.is_empty() && self.dice.percent(85) {
            return self.dice.pick(&narrow);
        }
        if let (Some(ExtendedType::Object(object)), true) = (self.schema.types.get(kind), self.dice.percent(20)) {
            let wider: Vec<String> = object.implements_interfaces.iter().map(ToString::to_string).collect();
            if !wider.is_empty() {
                return self.dice.pick(&wider);
            }
        }
        if self.slip(2) { "User".to_owned() } else { kind.to_owned() }
    }

    /// The types that an abstract type stands for; those of interest come more often.
    fn narrower(&self, kind: &str) -> Vec<String> {
        match self.schema.types.get(kind) {
            Some(ExtendedType::Union(union)) => union.members.iter().map(ToString::to_string).collect(),
            Some(ExtendedType::Interface(_)) => {
                let map = self.schema.implementers_map();
                map.get(kind).map(|found| found.objects.iter().map(ToString::to_string).collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}
