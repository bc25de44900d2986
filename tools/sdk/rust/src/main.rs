//! Honours xtest's `cli.sh` contract on top of the `opentdf` crate; `cli.sh` beside it starts it.
//!
//! ```text
//! cli.sh encrypt|decrypt <source> <destination> ztdf
//! cli.sh supports <feature>     exit code 0 yes, 1 no, 2 unknown name
//! cli.sh version
//! ```
//!
//! Endpoints, credentials and options come from the environment, so that no secret is visible in
//! a process list. An option that the crate cannot honour is refused (exit code 2), not ignored.

mod containers;
mod features;
mod settings;
mod token;

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use settings::Settings;

const SDK_VERSION: &str = "0.17.0";
const CONTAINER_FORMAT: &str = "ztdf";

pub type Failure = Box<dyn Error>;

/// A call that does not follow the contract, or asks for what the crate cannot do.
#[derive(Debug)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for UsageError {}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["supports", feature] => features::answer(feature).into(),
        ["version"] => {
            println!("{SDK_VERSION}");
            ExitCode::SUCCESS
        }
        _ => match transfer(&words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("{}", one_line(failure.as_ref()));
                let is_usage = failure.is::<UsageError>();
                ExitCode::from(if is_usage { 2 } else { 1 })
            }
        },
    }
}

fn transfer(words: &[&str]) -> Result<(), Failure> {
    let [command, source, destination, format] = words else {
        return Err(Box::new(UsageError(format!(
            "usage: cli.sh encrypt|decrypt <source> <destination> ztdf, cli.sh supports <feature>, \
             cli.sh version; got {} arguments",
            words.len()
        ))));
    };
    if *format != CONTAINER_FORMAT {
        return Err(Box::new(UsageError(format!(
            "container format {format:?} is unknown, expected {CONTAINER_FORMAT:?}"
        ))));
    }
    let settings = Settings::from_environment()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let input = std::fs::read(source)?;
    let output = match *command {
        "encrypt" => runtime.block_on(containers::encrypt(&settings, &input))?,
        "decrypt" => runtime.block_on(containers::decrypt(&settings, input))?,
        _ => {
            return Err(Box::new(UsageError(format!(
                "command {command:?} is unknown, expected encrypt, decrypt, supports or version"
            ))));
        }
    };
    // Written only now: a failed call never leaves half a result behind.
    std::fs::write(destination, output)?;
    Ok(())
}

/// Renders an error with its causes, leaving out a cause that the text before it repeats.
fn one_line(failure: &dyn Error) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_each_cause_once() {
        let cause = std::io::Error::other("inner\nreason");
        let failure = std::io::Error::other(cause);
        assert_eq!(one_line(&failure), "inner reason");
    }

    #[test]
    fn another_container_format_is_wrong_use() {
        let failure = transfer(&["encrypt", "a", "b", "nano"]).unwrap_err();
        assert!(failure.is::<UsageError>());
        assert!(failure.to_string().contains("\"nano\""));
    }
}
