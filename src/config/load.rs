//! The only reader of the environment, and of the configuration file.

use super::installation::Config;
use super::reader::{ConfigFault, ConfigFaults};
use std::path::{Path, PathBuf};

/// What the names of our variables start with.
pub const PREFIX: &str = "MADOGUCHI_";

/// Names the file when the command line does not.
const CONFIG_VARIABLE: &str = "MADOGUCHI_CONFIG";

/// The file when nothing names one.
const HERE: &str = "madoguchi.toml";

/// Variables that start with [`PREFIX`] but are no key of the file.
const OTHERS: [&str; 3] = [CONFIG_VARIABLE, "MADOGUCHI_TEST_POSTGRES", "MADOGUCHI_TEST_REDIS"];

/// Reads the file (`path`, else `MADOGUCHI_CONFIG`, else `madoguchi.toml` here) and lays the environment over it.
///
/// # Errors
/// [`ConfigFaults`]: every fault at once, each naming its key and the fix.
pub fn load(path: Option<&Path>) -> Result<Config, ConfigFaults> {
    let variables = variables();
    let path = named(path, &variables).unwrap_or_else(|| PathBuf::from(HERE));
    let text = std::fs::read_to_string(&path).map_err(|error| {
        ConfigFaults(vec![ConfigFault::new(
            &path.display().to_string(),
            &error.to_string(),
            "name the file with --config; `madoguchi config example` prints one to start from",
        )])
    })?;
    let overlay: Vec<_> = variables.into_iter().filter(|(name, _)| !OTHERS.contains(&name.as_str())).collect();
    Config::parse(&text, &overlay, path.parent().unwrap_or(Path::new(".")))
}

/// As [`load`] does; none where no file is named and there is none here.
///
/// # Errors
/// As [`load`].
pub fn find(path: Option<&Path>) -> Result<Option<Config>, ConfigFaults> {
    let is_there = named(path, &variables()).is_some() || Path::new(HERE).exists();
    is_there.then(|| load(path)).transpose()
}

/// Whether the environment has a variable that others read.
#[must_use]
pub fn is_said(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// The file that is typed, else the one that the environment names.
fn named(path: Option<&Path>, variables: &[(String, String)]) -> Option<PathBuf> {
    let of_variable = || variables.iter().find(|(name, _)| name == CONFIG_VARIABLE).map(|(_, value)| value.into());
    path.map(Path::to_path_buf).or_else(of_variable)
}

/// Our variables; one that is no UTF-8 comes with what of it could be read, and then fails its own check.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}
