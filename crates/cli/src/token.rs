//! Where a job's token is found.

mod github;

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;

use crate::failure::{self, Failure};

/// The longest token that is read, as the server: 16 KiB.
const LONGEST: u64 = 16 * 1024;

/// The variables that hold a token, in the order of preference, and why one could be
/// empty. `STAGEDOOR_TOKEN` is the name that our GitLab snippets give to `id_tokens`.
const VARIABLES: &[(&str, &str)] = &[
    ("STAGEDOOR_TOKEN", "GitLab: declare it under `id_tokens:` in the job"),
    ("BITBUCKET_STEP_OIDC_TOKEN", "Bitbucket: the step needs `oidc: true`"),
    ("CIRCLE_OIDC_TOKEN_V2", "CircleCI: check that the job may have OIDC tokens"),
    ("CIRCLE_OIDC_TOKEN", "CircleCI: check that the job may have OIDC tokens"),
];

/// The audience that GitHub's own action for AWS asks for.
pub(crate) const AWS_AUDIENCE: &str = "sts.amazonaws.com";

/// The variable that names a token's file for AWS SDKs.
const FILE_VARIABLE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// A token and where it came from.
pub(crate) struct Found {
    /// The token, without the line end that files have.
    pub(crate) token: SecretString,
    /// Its origin in words, for people.
    pub(crate) origin: String,
}

/// The token of this job: from the file named, else from the CI's variables, else from GitHub, which
/// makes one for the audience when it is asked.
///
/// # Errors
/// When there is none, or the file cannot be read or is too long.
pub(crate) async fn find(file: Option<&Path>, audience: &str) -> Result<Found, Failure> {
    let variable = |name: &str| env::var(name).ok();
    match find_in(file, variable) {
        Err(failure) => match github::token(variable, audience).await? {
            Some(found) => Ok(found),
            None => Err(failure),
        },
        found => found,
    }
}

fn find_in(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Found, Failure> {
    if let Some(path) = file {
        return read(path);
    }
    if let Some(path) = variable(FILE_VARIABLE).filter(|path| !path.is_empty()) {
        let found = read(Path::new(&path))?;
        return Ok(Found { origin: format!("`{path}` (${FILE_VARIABLE})"), ..found });
    }
    let mut empty = Vec::new();
    for (name, hint) in VARIABLES {
        match variable(name) {
            Some(text) if text.trim().is_empty() => empty.push(format!("${name} is set but empty. {hint}")),
            Some(text) => return Ok(Found { token: trimmed(&text)?, origin: format!("${name}") }),
            None => {}
        }
    }
    let names: Vec<String> = VARIABLES.iter().map(|(name, _)| format!("${name}")).collect();
    let mut failure = Failure::input("no token: give `--token-file FILE` (`-` reads standard input)")
        .help(format!("variables that are read: ${FILE_VARIABLE}, {}", names.join(", ")));
    for hint in empty {
        failure = failure.help(hint);
    }
    if variable("GITHUB_ACTIONS").is_some() {
        failure = failure.help("GitHub: the job needs `permissions: {id-token: write}`");
    }
    Err(failure)
}

/// Reads a token from a file, or from standard input when the path is `-`.
///
/// # Errors
/// When the file cannot be read, is empty, too long or not text.
pub(crate) fn read(path: &Path) -> Result<Found, Failure> {
    let mut text = String::new();
    let (reader, origin): (Box<dyn Read>, String) = if path == Path::new("-") {
        (Box::new(io::stdin()), "standard input".to_owned())
    } else {
        let file = File::open(path).map_err(|error| failure::file("read the token file", path, &error))?;
        (Box::new(file), format!("`{}`", path.display()))
    };
    reader
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| failure::file("read the token from", path, &error))?;
    match trimmed(&text) {
        Ok(token) => Ok(Found { token, origin }),
        Err(failure) => Err(Failure::input(format!("{origin}: {failure}"))),
    }
}

fn trimmed(text: &str) -> Result<SecretString, Failure> {
    let token = text.trim();
    if token.is_empty() {
        return Err(Failure::input("a token was wanted, found nothing but white space"));
    }
    if text.len() as u64 > LONGEST {
        return Err(Failure::input(format!("a token of at most {LONGEST} bytes was wanted, found more")));
    }
    Ok(SecretString::from(token))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;

    use secrecy::ExposeSecret;

    use super::*;

    fn with(variables: &[(&str, &str)], file: Option<&Path>) -> Result<(String, String), String> {
        let map: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match find_in(file, |name| map.get(name).cloned()) {
            Ok(found) => Ok((found.token.expose_secret().to_owned(), found.origin)),
            Err(failure) => Err(failure.render()),
        }
    }

    #[test]
    fn the_file_named_wins_over_every_variable() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"from-file\r\n").unwrap();
        let (token, origin) = with(&[("CIRCLE_OIDC_TOKEN_V2", "v2")], Some(file.path())).unwrap();
        assert_eq!(token, "from-file");
        assert!(origin.contains(file.path().to_str().unwrap()), "{origin}");
    }

    #[test]
    fn the_variables_of_each_ci_are_read_and_named() {
        let both = [("CIRCLE_OIDC_TOKEN", "v1"), ("CIRCLE_OIDC_TOKEN_V2", "v2\n")];
        assert_eq!(with(&both, None).unwrap(), ("v2".to_owned(), "$CIRCLE_OIDC_TOKEN_V2".to_owned()));
        let bitbucket = with(&[("BITBUCKET_STEP_OIDC_TOKEN", "b")], None).unwrap();
        assert_eq!(bitbucket.1, "$BITBUCKET_STEP_OIDC_TOKEN");
    }

    #[test]
    fn an_empty_variable_is_explained() {
        let failure = with(&[("BITBUCKET_STEP_OIDC_TOKEN", "")], None).unwrap_err();
        assert!(failure.contains("the step needs `oidc: true`"), "{failure}");
    }

    #[test]
    fn too_long_and_empty_files_are_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        assert!(with(&[], Some(file.path())).unwrap_err().contains("nothing but white space"));
        file.write_all(&vec![b'a'; 20_000]).unwrap();
        assert!(with(&[], Some(file.path())).unwrap_err().contains("at most 16384 bytes"));
    }
}
