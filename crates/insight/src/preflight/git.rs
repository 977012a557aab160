//! What a clone tells of where its repository lives.

use std::fs;
use std::path::{Path, PathBuf};

use super::lock::Lock;
use crate::source::Folder;

/// The largest file of git's own that is read.
const LIMIT: u64 = 256 * 1024;

/// Fills in what the clone at `folder` tells: by its remote `origin`, the names of workspace, owner, project and
/// repository, and the default branch. Returns the entries that it set.
///
/// # Errors
/// When there is no clone or no such remote, in words.
pub fn fill(folder: &Folder, lock: &mut Lock) -> Result<Vec<String>, String> {
    let git =
        directory(folder.root()).ok_or_else(|| format!("`{}` is no git clone", folder.root().display()))?;
    let config = text(&git.join("config")).ok_or("git's `config` cannot be read")?;
    let url = origin(&config).ok_or("the clone has no remote `origin`")?;
    let (host, path) = parse(&url).ok_or_else(|| format!("the remote `{url}` names no repository"))?;
    let (owner, name) =
        path.rsplit_once('/').ok_or_else(|| format!("the remote `{url}` names no repository"))?;
    let branch = text(&git.join("refs/remotes/origin/HEAD"))
        .and_then(|head| head.trim().strip_prefix("ref: refs/remotes/origin/").map(str::to_owned));
    let mut entries: Vec<(&str, String)> = Vec::new();
    let default_branch = |entries: &mut Vec<(&str, String)>, entry| {
        entries.extend(branch.clone().map(|branch| (entry, branch)));
    };
    let github = host == "github.com" || folder.root().join(".github/workflows").is_dir();
    match host.as_str() {
        "bitbucket.org" => {
            entries.push(("bitbucket.workspace", owner.to_owned()));
            entries.push(("bitbucket.repository", name.to_owned()));
        }
        host if github && !folder.has(".gitlab-ci.yml") => {
            if host.ends_with(".ghe.com") {
                let subdomain = host.trim_end_matches(".ghe.com");
                entries.push(("github.issuer", format!("https://token.actions.{subdomain}.ghe.com")));
            } else if host != "github.com" {
                entries.push(("github.issuer", format!("https://{host}/_services/token")));
            }
            entries.push(("github.owner", owner.to_owned()));
            entries.push(("github.repository", name.to_owned()));
            default_branch(&mut entries, "github.default_branch");
        }
        host => {
            entries.push(("gitlab.host", host.to_owned()));
            entries.push(("gitlab.project_path", path.clone()));
            default_branch(&mut entries, "gitlab.default_branch");
        }
    }
    if folder.has(".circleci/config.yml") {
        entries.push(("circleci.repository", format!("{host}/{path}")));
    }
    for (entry, value) in &entries {
        lock.set(entry, value)?;
    }
    Ok(entries.into_iter().map(|(entry, _)| entry.to_owned()).collect())
}

/// The clone's git directory; of a linked working tree, the one that all share.
fn directory(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let pointer = text(&git)?;
    let linked = root.join(pointer.trim().strip_prefix("gitdir: ")?);
    let common = text(&linked.join("commondir"))?;
    Some(linked.join(common.trim()))
}

fn text(path: &Path) -> Option<String> {
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LIMIT);
    if small { fs::read_to_string(path).ok() } else { None }
}

fn origin(config: &str) -> Option<String> {
    let mut inside = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[remote \"origin\"]";
        } else if let (true, Some((key, value))) = (inside, line.split_once('='))
            && key.trim() == "url"
        {
            return Some(value.trim().trim_matches('"').to_owned());
        }
    }
    None
}

/// Host and path of a remote: `https://host/path.git`, `ssh://user@host:port/path`, `user@host:path`.
fn parse(url: &str) -> Option<(String, String)> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once(':')?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let host = host.strip_prefix("ssh.").or_else(|| host.strip_prefix("altssh.")).unwrap_or(host);
    let path = path.trim_matches('/').trim_end_matches(".git");
    (!host.is_empty() && path.contains('/')).then(|| (host.to_ascii_lowercase(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_of_all_forms() {
        let parsed = |url| parse(url).map(|(host, path)| format!("{host} {path}"));
        assert_eq!(parsed("https://jane@bitbucket.org/acme/shop.git").unwrap(), "bitbucket.org acme/shop");
        assert_eq!(parsed("git@github.com:acme/shop.git").unwrap(), "github.com acme/shop");
        assert_eq!(
            parsed("ssh://git@gitlab.example.com:2222/a/b/c.git").unwrap(),
            "gitlab.example.com a/b/c"
        );
        assert_eq!(parsed("/srv/git/shop.git"), None);
        assert_eq!(parsed("git@github.com:shop"), None);
    }

    #[test]
    fn a_clone_fills_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        fs::create_dir_all(git.join("refs/remotes/origin")).unwrap();
        fs::create_dir_all(folder.path().join(".github/workflows")).unwrap();
        fs::write(
            git.join("config"),
            "[core]\n\turl = x\n[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n",
        )
        .unwrap();
        fs::write(git.join("refs/remotes/origin/HEAD"), "ref: refs/remotes/origin/trunk\n").unwrap();
        let mut lock = Lock::default();
        let set = fill(&Folder::new(folder.path()), &mut lock).unwrap();
        assert_eq!(set, ["github.owner", "github.repository", "github.default_branch"]);
        assert_eq!(lock.github.owner.as_deref(), Some("acme"));
        assert_eq!(lock.github.default_branch.as_deref(), Some("trunk"));
        let empty = tempfile::tempdir().unwrap();
        assert!(fill(&Folder::new(empty.path()), &mut lock).unwrap_err().ends_with("is no git clone"));
    }
}
