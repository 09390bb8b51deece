//! The application's configuration, as Parse's API has it.

use serde_json::{Value as Json, json};

use crate::fault::Fault;
use crate::graphql::answer::Answer;
use crate::graphql::document::SelectedField;
use crate::graphql::engine::Work;
use crate::graphql::query::{as_text, text};
use crate::guard;

/// `cloudConfig`: one parameter, for those who hold a master key.
pub(in crate::graphql) async fn cloud_config<'a>(
    work: Work<'_>,
    selected: &SelectedField<'a>,
) -> Result<Answer<'a>, Fault> {
    let name = text(selected, "paramName");
    let parameter = work.engine.store.parameter(guard::read_config(work.caller, name)?).await?;
    let tree = json!({
        "__typename": "ConfigValue",
        "value": parameter.as_ref().map(|parameter| &parameter.value),
        "isMasterKeyOnly": parameter.as_ref().map(|parameter| parameter.master_key_only),
    });
    Ok(Answer::Tree(tree, selected.selection.clone()))
}

/// `updateCloudConfig`: sets one parameter, with the master key.
pub(super) async fn update<'a>(work: Work<'_>, selected: &SelectedField<'a>) -> Result<Answer<'a>, Fault> {
    let member = |name: &str| selected.arguments.get("input").and_then(|input| input.get(name));
    let name = member("paramName").map(as_text).unwrap_or_default();
    let value = member("value").map(as_text).unwrap_or_default();
    let master_key_only = member("isMasterKeyOnly") == Some(&Json::Bool(true));
    let admitted = guard::write_config(work.caller, name, value, master_key_only)?;
    work.engine.store.set_parameter(admitted).await?;
    let tree = json!({"__typename": "ConfigValue", "value": value, "isMasterKeyOnly": master_key_only});
    Answer::payload(selected, "UpdateCloudConfigPayload", |part| Ok(Answer::Tree(tree.clone(), part.selection.clone())))
}
