//! How many credentials one request may have the server check or make.
//!
//! Each takes a noticeable time by design, and each check is a guess. Aliases and nested objects would make any number of
//! them one request, past every limit that counts requests.

use serde_json::Value as Json;

use super::member;
use crate::class::{Catalog, Class, ClassName, FieldType};
use crate::graphql::document::{Prepared, SelectedField};
use crate::graphql::schema::{ApiSchema, MutationField};

/// How many there may be in one request without the master key.
pub(in crate::graphql) const MOST_CREDENTIALS: usize = 5;

/// How many credentials a mutation has the server check or make.
pub(in crate::graphql) fn credentials(catalog: &Catalog, schema: &ApiSchema, prepared: &Prepared) -> usize {
    let fields = prepared.root().fields("Mutation");
    fields.iter().map(|selected| credentials_of(catalog, schema, selected)).sum()
}

fn credentials_of(catalog: &Catalog, schema: &ApiSchema, selected: &SelectedField<'_>) -> usize {
    match schema.mutation_field(selected.name) {
        Some(
            MutationField::SignUp
            | MutationField::LogIn
            | MutationField::LogInWith
            | MutationField::Challenge
            | MutationField::ResetPassword
            | MutationField::ConfirmResetPassword
            | MutationField::SendVerificationEmail,
        ) => 1,
        Some(MutationField::Create(class) | MutationField::Update(class)) => {
            passwords(catalog, class, member(selected, "fields"))
        }
        Some(
            MutationField::Delete(_)
            | MutationField::CreateClass
            | MutationField::UpdateClass
            | MutationField::DeleteClass
            | MutationField::LogOut
            | MutationField::CreateFile
            | MutationField::UpdateCloudConfig,
        )
        | None => 0,
    }
}

/// The passwords in the fields of an object and of the objects nested in it.
fn passwords(catalog: &Catalog, class: &Class, fields: &Json) -> usize {
    let nested = |target: &ClassName, fields: &Json| {
        catalog.class(target.as_str()).map_or(0, |class| passwords(catalog, class, fields))
    };
    let count = |(name, json): (&String, &Json)| match class.field(name).map(|field| &field.kind) {
        Some(FieldType::Password) => usize::from(!json.is_null()),
        Some(FieldType::Pointer(target)) => json.get("createAndLink").map_or(0, |fields| nested(target, fields)),
        Some(FieldType::Relation(target)) => {
            let items = json.get("createAndAdd").and_then(Json::as_array).into_iter().flatten();
            items.map(|fields| nested(target, fields)).sum()
        }
        _ => 0,
    };
    fields.as_object().into_iter().flatten().map(count).sum()
}
