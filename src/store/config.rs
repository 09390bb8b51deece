//! The application's configuration: one row, two JSON objects, as Parse keeps it.

use serde_json::{Map, Value as Json};

use super::Store;
use super::execute::Executor;
use super::rows::Raw;
use super::sql::Sql;
use crate::fault::Fault;
use crate::guard::{AdmittedParameter, AdmittedParameterName};

/// The id of the one row.
const ROW: &str = "1";

/// A parameter of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its value; a value that is no text, which Parse's REST API can set, as its JSON text.
    pub value: String,
    /// Whether it is for those who hold a master key only.
    pub master_key_only: bool,
}

/// Whether the row stays as it is until the transaction ends.
enum Lock {
    None,
    ForUpdate,
}

/// The two objects of the row.
#[derive(Default)]
struct Config {
    params: Map<String, Json>,
    master_key_only: Map<String, Json>,
}

impl Store {
    /// A parameter of the configuration, if it is set.
    pub async fn parameter(&self, name: AdmittedParameterName) -> Result<Option<Parameter>, Fault> {
        let config = read(self.shared.executor(), Lock::None).await?;
        let value = config.params.get(name.name()).filter(|value| !value.is_null());
        Ok(value.map(|value| Parameter {
            value: value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned),
            master_key_only: config.master_key_only.get(name.name()) == Some(&Json::Bool(true)),
        }))
    }

    /// Sets a parameter of the configuration.
    pub async fn set_parameter(&self, parameter: AdmittedParameter) -> Result<(), Fault> {
        let transaction = self.begin().await?;
        let executor = transaction.executor();
        let mut row = Sql::from(executor.dialect(), r#"INSERT INTO "_GlobalConfig" ("objectId") VALUES ("#);
        row.text(ROW).push(") ON CONFLICT DO NOTHING");
        executor.execute(row).await?;
        let mut config = read(executor, Lock::ForUpdate).await?;
        config.params.insert(parameter.name().to_owned(), parameter.value().into());
        config.master_key_only.insert(parameter.name().to_owned(), parameter.master_key_only().into());
        let mut update = Sql::from(executor.dialect(), r#"UPDATE "_GlobalConfig" SET "params" = "#);
        update.json(&config.params.into()).push(r#", "masterKeyOnly" = "#).json(&config.master_key_only.into());
        update.push(r#" WHERE "objectId" = "#).text(ROW);
        executor.execute(update).await?;
        transaction.commit().await
    }
}

async fn read(executor: Executor<'_>, lock: Lock) -> Result<Config, Fault> {
    let columns = r#"SELECT "params", "masterKeyOnly" FROM "_GlobalConfig" WHERE "objectId" = "#;
    let mut sql = Sql::from(executor.dialect(), columns);
    sql.text(ROW);
    if let Lock::ForUpdate = lock {
        sql.for_update();
    }
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Ok(Config::default()) };
    let row = Raw::new(row)?;
    let object = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    Ok(Config { params: object(row.json(0)?), master_key_only: object(row.json(1)?) })
}
