//! The only reader of the environment, and of the configuration file.

use super::installation::Config;
use super::reader::{ConfigFault, ConfigFaults};
use std::path::{Path, PathBuf};

/// What the names of our variables start with.
pub const PREFIX: &str = "MADOGUCHI_";

/// Names the file when the command line does not.
const CONFIG_VARIABLE: &str = "MADOGUCHI_CONFIG";

/// Variables that start with [`PREFIX`] but are no key of the file.
const OTHERS: [&str; 3] = [CONFIG_VARIABLE, "MADOGUCHI_TEST_POSTGRES", "MADOGUCHI_TEST_REDIS"];

/// Reads the file (`path`, else `MADOGUCHI_CONFIG`, else `madoguchi.toml` here) and lays the environment over it.
///
/// # Errors
/// [`ConfigFaults`]: every fault at once, each naming its key and the fix.
pub fn load(path: Option<&Path>) -> Result<Config, ConfigFaults> {
    let variables = variables();
    let named = variables.iter().find(|(name, _)| name == CONFIG_VARIABLE).map(|(_, value)| PathBuf::from(value));
    let path = path.map(Path::to_path_buf).or(named).unwrap_or_else(|| PathBuf::from("madoguchi.toml"));
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

/// Our variables; one that is no UTF-8 comes with what of it could be read, and then fails its own check.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}
