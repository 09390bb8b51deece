//! A foreign error does not become a fault by itself: somebody must say what the client learns.

use portcullis::fault::Fault;

fn of_the_database() -> Result<(), Fault> {
    Err(sea_orm::DbErr::Custom("SELECT secret".to_owned()))?;
    Ok(())
}

fn of_the_system() -> Result<String, Fault> {
    Ok(std::fs::read_to_string("/etc/shadow")?)
}

fn of_json(text: &str) -> Result<u8, Fault> {
    Ok(serde_json::from_str(text)?)
}

fn main() {}
