//! A fault has no text that could slip into an answer.

use portcullis::fault::Fault;

fn tell(fault: &Fault) -> String {
    format!("{fault}")
}

fn to_text(fault: Fault) -> String {
    fault.to_string()
}

fn as_error(fault: Fault) -> Box<dyn std::error::Error> {
    Box::new(fault)
}

fn main() {}
