//! Roles in shell scripts. Only what is written out is taken; everything else is said to be unknown.

use std::collections::BTreeMap;

use crate::source::Place;
use crate::yaml::Node;

/// A role in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The role, or why it cannot be told.
    pub(super) role: Result<String, String>,
    /// Where.
    pub(super) place: Place,
    /// By what it is named.
    pub(super) via: &'static str,
}

/// What is known while a job's scripts are read, one after the other.
#[derive(Debug, Default)]
pub(super) struct Shell {
    assigned: BTreeMap<String, Result<String, String>>,
}

#[derive(Debug, Default)]
struct Word {
    raw: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Variable(String),
    /// A command's output, or an expansion that is not followed.
    Computed,
}

impl Shell {
    /// The roles that a script names. `outside` knows the variables that the script does not set itself.
    pub(super) fn roles(&mut self, script: &Node, outside: &dyn Fn(&str) -> Option<String>) -> Vec<Found> {
        let Some(text) = script.text() else { return Vec::new() };
        let mut found = Vec::new();
        for command in commands(text) {
            let mut assigning = true;
            let web_identity = command.iter().any(|word| word.raw == "assume-role-with-web-identity");
            let mut words = command.iter().peekable();
            while let Some(word) = words.next() {
                let wanted = match word.raw.as_str() {
                    "export" | "declare" | "local" | "env" if assigning => continue,
                    "--role-arn" if web_identity => {
                        words.peek().map(|next| self.expand(&next.pieces, outside))
                    }
                    raw if web_identity && raw.starts_with("--role-arn=") => {
                        Some(self.expand(&rest(word, "--role-arn=".len()), outside))
                    }
                    _ => None,
                };
                if let Some(role) = wanted {
                    let place = script.place().find(&word.raw);
                    found.push(Found { role, place, via: "`--role-arn`" });
                    continue;
                }
                match assignment(word).filter(|_| assigning) {
                    None => assigning = false,
                    Some((name, pieces)) => {
                        let value = self.expand(&pieces, outside);
                        if name == "AWS_ROLE_ARN" {
                            let place = script.place().find(&word.raw);
                            found.push(Found { role: value.clone(), place, via: "`AWS_ROLE_ARN`" });
                        }
                        self.assigned.insert(name, value);
                    }
                }
            }
        }
        found
    }

    fn expand(&self, pieces: &[Piece], outside: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text += part,
                Piece::Computed => return Err("it is computed by the script".to_owned()),
                Piece::Variable(name) => match (self.assigned.get(name), outside(name)) {
                    (Some(value), _) => text += value.as_ref().map_err(Clone::clone)?,
                    (None, Some(value)) => text += &value,
                    (None, None) => return Err(format!("`${name}` is set outside of the file")),
                },
            }
        }
        Ok(text)
    }
}

/// A text with `$NAME` and `${NAME}` filled in, as an environment expands it.
pub(super) fn expand(text: &str, outside: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let quoted = format!("\"{}\"", text.replace('"', ""));
    match commands(&quoted).first().and_then(|command| command.first()) {
        Some(word) => Shell::default().expand(&word.pieces, outside),
        None => Ok(String::new()),
    }
}

/// `NAME=value`.
fn assignment(word: &Word) -> Option<(String, Vec<Piece>)> {
    let Some(Piece::Text(start)) = word.pieces.first() else { return None };
    let (name, _) = start.split_once('=')?;
    let identifier = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = name.chars().all(identifier) && name.starts_with(|c: char| !c.is_ascii_digit());
    named.then(|| (name.to_owned(), rest(word, name.len() + 1)))
}

/// The pieces of a word after its first bytes, which are text.
fn rest(word: &Word, skip: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, piece) in word.pieces.iter().enumerate() {
        pieces.push(match piece {
            Piece::Text(text) if number == 0 => Piece::Text(text.get(skip..).unwrap_or_default().to_owned()),
            Piece::Text(text) => Piece::Text(text.clone()),
            Piece::Variable(name) => Piece::Variable(name.clone()),
            Piece::Computed => Piece::Computed,
        });
    }
    pieces
}

/// The simple commands of a script, as words.
fn commands(text: &str) -> Vec<Vec<Word>> {
    commands_within(&text.replace("\\\n", " "), SUBSTITUTION_LIMIT)
}

fn commands_within(text: &str, depth: u32) -> Vec<Vec<Word>> {
    let (commands, command) = (Vec::new(), Vec::new());
    let mut reader = Reader { rest: text.chars().peekable(), commands, command, word: None, depth };
    reader.run();
    reader.commands
}

/// How deep command substitutions are followed.
const SUBSTITUTION_LIMIT: u32 = 8;

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    commands: Vec<Vec<Word>>,
    command: Vec<Word>,
    word: Option<Word>,
    depth: u32,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(character) = self.rest.next() {
            match character {
                '\n' | ';' | '&' | '|' | '(' | ')' => self.end_command(),
                '#' if self.word.is_none() => while self.rest.next_if(|c| *c != '\n').is_some() {},
                c if c.is_whitespace() => self.end_word(),
                '\'' => self.quoted(),
                '"' => self.double_quoted(),
                other => self.character(other),
            }
        }
        self.end_command();
    }

    fn quoted(&mut self) {
        self.push_raw('\'');
        while let Some(character) = self.rest.next() {
            self.push_raw(character);
            if character == '\'' {
                break;
            }
            self.push_text(character);
        }
    }

    fn double_quoted(&mut self) {
        self.push_raw('"');
        while let Some(character) = self.rest.next() {
            if character == '"' {
                self.push_raw('"');
                break;
            }
            self.character(character);
        }
    }

    fn character(&mut self, character: char) {
        self.push_raw(character);
        match character {
            '\\' => {
                if let Some(next) = self.rest.next() {
                    self.push_raw(next);
                    self.push_text(next);
                }
            }
            '`' => {
                let mut inner = String::new();
                while let Some(character) = self.rest.next_if(|c| *c != '`') {
                    inner.push(character);
                }
                self.rest.next();
                self.substitute(&inner);
            }
            '$' => self.dollar(),
            other => self.push_text(other),
        }
    }

    fn dollar(&mut self) {
        let identifier = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        match self.rest.peek() {
            Some('{') => {
                let mut inner = String::new();
                while let Some(character) = self.rest.next() {
                    self.push_raw(character);
                    match character {
                        '{' => {}
                        '}' => break,
                        other => inner.push(other),
                    }
                }
                let plain = !inner.is_empty() && inner.chars().all(|c| identifier(&c));
                self.piece(if plain { Piece::Variable(inner) } else { Piece::Computed });
            }
            Some('(') => {
                let mut depth = 0_u32;
                let mut inner = String::new();
                for character in self.rest.by_ref() {
                    depth = match character {
                        '(' => depth + 1,
                        ')' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    inner.push(character);
                    if depth == 0 {
                        break;
                    }
                }
                let inner = inner.strip_prefix('(').unwrap_or(&inner);
                self.substitute(inner.strip_suffix(')').unwrap_or(inner));
            }
            Some(c) if identifier(c) => {
                let mut name = String::new();
                while let Some(character) = self.rest.next_if(identifier) {
                    self.push_raw(character);
                    name.push(character);
                }
                self.piece(Piece::Variable(name));
            }
            _ => self.push_text('$'),
        }
    }

    /// The commands of a substitution run before the one that it stands in.
    fn substitute(&mut self, inner: &str) {
        if let Some(depth) = self.depth.checked_sub(1) {
            self.commands.extend(commands_within(inner, depth));
        }
        self.piece(Piece::Computed);
    }

    fn piece(&mut self, piece: Piece) {
        self.word.get_or_insert_default().pieces.push(piece);
    }

    fn push_raw(&mut self, character: char) {
        self.word.get_or_insert_default().raw.push(character);
    }

    fn push_text(&mut self, character: char) {
        let pieces = &mut self.word.get_or_insert_default().pieces;
        match pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(character),
            _ => pieces.push(Piece::Text(character.to_string())),
        }
    }

    fn end_word(&mut self) {
        self.command.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::Yaml;

    fn roles(script: &str) -> Vec<Result<String, String>> {
        let indented = script.replace('\n', "\n  ");
        let yaml = Yaml::parse(&Source::new("a.yml", format!("run: |\n  {indented}\n"))).unwrap();
        let outside = |name: &str| (name == "ACCOUNT").then(|| "1".to_owned());
        let found = Shell::default().roles(yaml.root().get("run").unwrap(), &outside);
        found.into_iter().map(|found| found.role).collect()
    }

    fn ok(role: &str) -> Result<String, String> {
        Ok(role.to_owned())
    }

    #[test]
    fn roles_are_found_where_they_are_written() {
        assert_eq!(roles("export AWS_ROLE_ARN=arn:x"), [ok("arn:x")]);
        assert_eq!(roles("AWS_ROLE_ARN='arn:x' aws s3 ls # AWS_ROLE_ARN=y"), [ok("arn:x")]);
        assert_eq!(roles("R=\"arn:$ACCOUNT:x\"\nexport AWS_ROLE_ARN=${R}/y"), [ok("arn:1:x/y")]);
        assert_eq!(roles("set -e; export A=1 AWS_ROLE_ARN=arn:x && true"), [ok("arn:x")]);
        assert_eq!(
            roles(
                "aws sts assume-role-with-web-identity \\\n  --role-arn arn:x \\\n  --web-identity-token $T"
            ),
            [ok("arn:x")]
        );
        assert_eq!(
            roles(
                "export $(printf \"A=%s\" $(aws sts assume-role-with-web-identity --role-arn=arn:x --query y))"
            ),
            [ok("arn:x")]
        );
    }

    #[test]
    fn other_roles_are_not_web_identity_roles() {
        assert_eq!(roles("aws cloudformation deploy --role-arn arn:x"), []);
        assert_eq!(roles("echo AWS_ROLE_ARN=arn:x"), []);
    }

    #[test]
    fn what_is_computed_is_unknown() {
        let unknown = |why: &str| Err(why.to_owned());
        assert_eq!(roles("export AWS_ROLE_ARN=$(cat role)"), [unknown("it is computed by the script")]);
        assert_eq!(roles("export AWS_ROLE_ARN=${R:-x}"), [unknown("it is computed by the script")]);
        assert_eq!(roles("export AWS_ROLE_ARN=$ROLE"), [unknown("`$ROLE` is set outside of the file")]);
        assert_eq!(roles("R=`x`\nexport AWS_ROLE_ARN=$R"), [unknown("it is computed by the script")]);
    }
}
