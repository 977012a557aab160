//! The real clients that tests run: a Python virtual environment under
//! `target/clients/venv` and npm packages in `tests/clients/node_modules`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Failure;
use crate::place::Place;
use crate::tool::{self, CURL, Found, NODE, NPM, PYTHON};

/// Where the clients are, as the tests are told.
pub(crate) struct Clients {
    python: PathBuf,
    aws: PathBuf,
    node: PathBuf,
    curl: PathBuf,
    packages: PathBuf,
}

impl Clients {
    /// The environment variables by which tests find the clients.
    pub(crate) fn variables(&self) -> [(&'static str, &Path); 5] {
        [
            ("STAGEDOOR_TEST_PYTHON", &self.python),
            ("STAGEDOOR_TEST_AWS", &self.aws),
            ("STAGEDOOR_TEST_NODE", &self.node),
            ("STAGEDOOR_TEST_CURL", &self.curl),
            ("STAGEDOOR_TEST_PACKAGES", &self.packages),
        ]
    }
}

/// `cargo xtask setup`.
pub(crate) fn run(place: &Place, arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        return Err(format!("`setup` takes no arguments, found `{argument}`"));
    }
    for (name, value) in set_up(place)?.variables() {
        println!("{name}={}", value.display());
    }
    Ok(())
}

/// Installs what is missing or out of date; does nothing when all is there.
///
/// # Errors
/// When a program is missing or an installation fails, with what it printed.
pub(crate) fn set_up(place: &Place) -> Result<Clients, Failure> {
    let missing: Vec<Failure> =
        [&PYTHON, &NODE, &NPM, &CURL].into_iter().filter_map(|tool| tool.find().err()).collect();
    if !missing.is_empty() {
        return Err(missing.join("\nerror: "));
    }
    let directory = place.installed_clients();
    fs::create_dir_all(&directory).map_err(|error| cannot("create", &directory, &error))?;
    // Two runs at once must not install over each other; the lock goes with the file handle.
    let lock_path = directory.join("lock");
    let lock = fs::File::create(&lock_path).map_err(|error| cannot("create", &lock_path, &error))?;
    lock.lock().map_err(|error| cannot("lock", &lock_path, &error))?;

    let venv = python_packages(place, &PYTHON.find()?)?;
    let node = NODE.find()?;
    npm_packages(place, &NPM.find()?, &node)?;
    Ok(Clients {
        python: venv.join("bin/python"),
        aws: venv.join("bin/aws"),
        node: node.path,
        curl: CURL.find()?.path,
        packages: place.client_lists(),
    })
}

fn python_packages(place: &Place, python: &Found) -> Result<PathBuf, Failure> {
    let list = place.client_lists().join("requirements.txt");
    let venv = place.installed_clients().join("venv");
    let stamp = Stamp::new(venv.join("stagedoor-stamp"), &[&list], &python.version)?;
    if stamp.holds() {
        return Ok(venv);
    }
    let started = Instant::now();
    println!("setting up Python packages …");
    tool::quietly(
        "create the Python virtual environment (Debian and Ubuntu: install python3-venv)",
        Command::new(&python.path).args(["-m", "venv", "--clear"]).arg(&venv),
    )?;
    tool::quietly(
        "install the Python packages",
        Command::new(venv.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"])
            .arg(&list),
    )?;
    stamp.write()?;
    println!("  done in {:.1} s", started.elapsed().as_secs_f32());
    Ok(venv)
}

fn npm_packages(place: &Place, npm: &Found, node: &Found) -> Result<(), Failure> {
    let directory = place.client_lists();
    let stamp = Stamp::new(
        directory.join("node_modules/.stagedoor-stamp"),
        &[&directory.join("package-lock.json"), &directory.join("package.json")],
        &node.version,
    )?;
    if stamp.holds() {
        return Ok(());
    }
    let started = Instant::now();
    println!("setting up npm packages …");
    tool::quietly(
        "install the npm packages",
        Command::new(&npm.path)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&directory),
    )?;
    stamp.write()?;
    println!("  done in {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// A file that says from what an installation was made; written last, so that a
/// broken installation is made anew.
struct Stamp {
    path: PathBuf,
    text: String,
}

impl Stamp {
    fn new(path: PathBuf, lists: &[&Path], version: &str) -> Result<Self, Failure> {
        let mut text = format!("{version}\n");
        for list in lists {
            text += &fs::read_to_string(list).map_err(|error| cannot("read", list, &error))?;
        }
        Ok(Self { path, text })
    }

    fn holds(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text == self.text)
    }

    fn write(&self) -> Result<(), Failure> {
        fs::write(&self.path, &self.text).map_err(|error| cannot("write", &self.path, &error))
    }
}

fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    format!("cannot {verb} `{}`: {error}", path.display())
}
